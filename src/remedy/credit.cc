#include "cfwarden/remedy/credit.h"

#include "cfwarden/exposure/exposure.h"
#include "cfwarden/remedy/complaint.h"
#include "cfwarden/remedy/losers.h"
#include "cfwarden/remedy/objects.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

bool is_mended(std::string_view rule, const Exposure& before, const Exposure& after) {
  if (complaint_of(rule) == Complaint::writers) {
    return before.writers.audience != Audience::owner && after.writers.audience == Audience::owner;
  }
  return after.readers.audience < before.readers.audience ||
         after.readers.accounts != before.readers.accounts;
}

}  // namespace

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
  add_mended(nearest->mends, finding);
  return true;
}

}  // namespace cfwarden
