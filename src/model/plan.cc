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

}  // namespace cfwarden
