#include "cfwarden/remedy/credit.h"

#include "cfwarden/exposure/exposure.h"
#include "cfwarden/remedy/losers.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::array<std::string_view, 3> writers_rules{
    "replaceable-by-others", "config-writable-by-others", "group-writable-decimal-mode"};

bool is_mended(std::string_view rule, const Exposure& before, const Exposure& after) {
  if (concerns_writers(rule)) {
    return before.writers.audience != Audience::owner && after.writers.audience == Audience::owner;
  }
  return after.readers.audience < before.readers.audience ||
         after.readers.accounts != before.readers.accounts;
}

void note(Change& change, const Finding& finding) {
  MendedFinding one{.rule = finding.rule, .severity = finding.severity};
  if (std::ranges::find(change.mends, one) != change.mends.end()) return;
  change.mends.push_back(std::move(one));
  std::ranges::sort(change.mends, [](const MendedFinding& a, const MendedFinding& b) {
    return std::tie(b.severity, a.rule) < std::tie(a.severity, b.rule);
  });
}

}  // namespace

bool concerns_writers(std::string_view rule) {
  return std::ranges::find(writers_rules, rule) != writers_rules.end();
}

bool credit_directory(Plan& plan, const Finding& finding, const FileFacts& now,
                      const Accounts& accounts) {
  FileFacts after = now;
  Change* nearest = nullptr;
  for (const DirectoryFacts& above : now.ancestors) {
    const auto change = std::ranges::find(plan.changes, above.id, &Change::id);
    if (change == plan.changes.end()) continue;
    after = with_permissions(std::move(after), above.id, change->after.permissions);
    nearest = &*change;
  }
  if (nearest == nullptr) return false;
  if (!is_mended(finding.rule, exposure_of(now, accounts), exposure_of(after, accounts))) {
    return false;
  }
  note(*nearest, finding);
  return true;
}

}  // namespace cfwarden
