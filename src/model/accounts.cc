#include "cfwarden/model/accounts.h"

#include <algorithm>

namespace cfwarden {

const Account* Accounts::find_uid(std::uint32_t uid) const {
  const auto found = std::ranges::find(users, uid, &Account::uid);
  return found == users.end() ? nullptr : &*found;
}

const Account* Accounts::find_name(const std::string& name) const {
  const auto found = std::ranges::find(users, name, &Account::name);
  return found == users.end() ? nullptr : &*found;
}

std::string Accounts::user_name(std::uint32_t uid) const {
  const Account* account = find_uid(uid);
  return account != nullptr ? account->name : std::to_string(uid);
}

std::string Accounts::group_name(std::uint32_t gid) const {
  const auto found = std::ranges::find(groups, gid, &Group::gid);
  return found != groups.end() ? found->name : std::to_string(gid);
}

}  // namespace cfwarden
