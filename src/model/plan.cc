#include "cfwarden/model/plan.h"

#include <algorithm>

namespace cfwarden {
namespace {

void add_entries(AclNames& names, const std::vector<AclEntry>& acl, const Accounts& accounts) {
  for (const AclEntry& entry : acl) {
    if (entry.tag == AclTag::user) names.users[entry.id] = accounts.user_name(entry.id);
    if (entry.tag == AclTag::named_group) names.groups[entry.id] = accounts.group_name(entry.id);
  }
}

}  // namespace

void AclNames::add(const Attributes& attributes, const Accounts& accounts) {
  add_entries(*this, attributes.permissions.acl, accounts);
  add_entries(*this, attributes.default_acl, accounts);
}

std::size_t Repair::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(applied, outcome, &Applied::outcome));
}

RepairTally tally_of(const Repair& repair) {
  const std::size_t changes = repair.plan.changes.size();
  RepairTally tally{.refused = repair.plan.refusals.size(), .left = repair.plan.advice.size()};
  if (!repair.is_applied) {
    tally.pending = changes;
    return tally;
  }
  const std::size_t refused = repair.count(Outcome::refused);
  tally.fixed = repair.count(Outcome::done);
  tally.failed = repair.count(Outcome::failed);
  tally.not_reached = changes - tally.fixed - tally.failed - refused;
  tally.refused += refused;
  return tally;
}

}  // namespace cfwarden
