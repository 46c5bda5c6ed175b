#include "cfwarden/app/left_out.h"

#include "cfwarden/app/drift.h"
#include "cfwarden/rules/profile.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace cfwarden {

LeftOut left_out_of(const AuditRequest& request, std::span<const Rule> asked) {
  LeftOut left_out{.excludes = request.excludes, .rules_off = {}, .rules_added = {}};
  const bool profile_changes_any = request.profile != nullptr && !request.profile->changes.empty();
  if (asked.empty() || (request.user_rules.empty() && !profile_changes_any)) return left_out;
  const std::vector<std::string_view> ids = own_rule_ids();
  const std::set<std::string_view> own(ids.begin(), ids.end());
  std::set<std::string_view> on;
  for (const Rule& rule : asked) {
    if (!rule.enabled) continue;
    on.insert(rule.id);
    if (!own.contains(rule.id)) left_out.rules_added.push_back(rule.id);
  }
  for (const std::string_view id : ids) {
    if (!on.contains(id)) left_out.rules_off.emplace_back(id);
  }
  std::ranges::sort(left_out.rules_added);
  std::ranges::sort(left_out.rules_off);
  return left_out;
}

}  // namespace cfwarden
