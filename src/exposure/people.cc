#include "cfwarden/exposure/people.h"

#include <algorithm>
#include <map>
#include <utility>

namespace cfwarden {

namespace {

using Ids = std::vector<std::uint32_t>;  // Sorted, each once.

void make_set(Ids& ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

bool contains(const Ids& ids, std::uint32_t id) {
  return std::ranges::binary_search(ids, id);
}

struct Mentioned {
  Ids uids;  // Of directories' owners and in ACLs.
  Ids gids;
};

void mention(Mentioned& mentioned, const Permissions& permissions) {
  mentioned.gids.push_back(permissions.gid);
  for (const AclEntry& entry : permissions.acl) {
    if (entry.tag == AclTag::user) mentioned.uids.push_back(entry.id);
    if (entry.tag == AclTag::named_group) mentioned.gids.push_back(entry.id);
  }
}

Mentioned mentioned_in(const FileFacts& facts) {
  Mentioned mentioned;
  mention(mentioned, facts.permissions);
  for (const DirectoryFacts& directory : facts.ancestors) {
    mention(mentioned, directory.permissions);
    mentioned.uids.push_back(directory.permissions.uid);
  }
  make_set(mentioned.uids);
  make_set(mentioned.gids);
  return mentioned;
}

// A uid that the facts say nothing about.
std::uint32_t stranger_uid(const Mentioned& mentioned, std::uint32_t owner_uid) {
  std::uint32_t uid = 4'000'000'000;
  while (uid == owner_uid || contains(mentioned.uids, uid)) ++uid;
  return uid;
}

class Classes {
 public:
  Classes(Mentioned mentioned, std::uint32_t owner_uid);

  void add_accounts(const Accounts& accounts);
  void add_uids_without_account();  // After the accounts.
  void add_members_without_account(const Accounts& accounts);
  std::vector<PeopleAlike> take() { return std::move(classes_); }

 private:
  void add_account(const Account& account);
  bool counts(std::uint32_t uid) const { return uid != 0 && uid != owner_uid_; }
  PeopleAlike& of(std::uint32_t uid, Ids gids);

  Mentioned mentioned_;
  std::uint32_t owner_uid_ = 0;
  std::uint32_t stranger_ = 0;
  std::vector<bool> has_account_;  // Of the uids mentioned.
  std::vector<PeopleAlike> classes_;
  std::map<std::pair<std::uint32_t, Ids>, std::size_t> known_;  // But the stranger's.
};

Classes::Classes(Mentioned mentioned, std::uint32_t owner_uid)
    : mentioned_{std::move(mentioned)},
      owner_uid_{owner_uid},
      stranger_{stranger_uid(mentioned_, owner_uid)},
      has_account_(mentioned_.uids.size()) {
  classes_.push_back({.who = {.uid = stranger_, .gids = {}}, .accounts = {}, .others = {}});
}

PeopleAlike& Classes::of(std::uint32_t uid, Ids gids) {
  if (uid == stranger_ && gids.empty()) return classes_.front();
  const auto [known, is_new] = known_.try_emplace({uid, gids}, classes_.size());
  if (is_new) {
    classes_.push_back(
        {.who = {.uid = uid, .gids = std::move(gids)}, .accounts = {}, .others = {}});
  }
  return classes_[known->second];
}

void Classes::add_accounts(const Accounts& accounts) {
  classes_.front().accounts.reserve(accounts.users.size());
  for (const Account& account : accounts.users) add_account(account);
}

void Classes::add_account(const Account& account) {
  const auto found = std::ranges::lower_bound(mentioned_.uids, account.uid);
  const bool is_mentioned = found != mentioned_.uids.end() && *found == account.uid;
  if (is_mentioned) has_account_[static_cast<std::size_t>(found - mentioned_.uids.begin())] = true;
  if (!counts(account.uid)) return;
  Ids gids;
  if (contains(mentioned_.gids, account.gid)) gids.push_back(account.gid);
  for (const std::uint32_t gid : account.groups) {
    if (contains(mentioned_.gids, gid)) gids.push_back(gid);
  }
  if (!is_mentioned && gids.empty()) {  // As most are.
    classes_.front().accounts.push_back(&account);
    return;
  }
  make_set(gids);
  of(is_mentioned ? account.uid : stranger_, std::move(gids)).accounts.push_back(&account);
}

void Classes::add_uids_without_account() {
  for (std::size_t i = 0; i < has_account_.size(); ++i) {
    const std::uint32_t uid = mentioned_.uids[i];
    if (!has_account_[i] && counts(uid)) of(uid, {}).others.push_back(std::to_string(uid));
  }
}

// Their uids are not known: what they own, they are not known to own.
void Classes::add_members_without_account(const Accounts& accounts) {
  std::map<std::string, Ids> groups_of;
  for (const Group& group : accounts.groups) {
    if (!contains(mentioned_.gids, group.gid)) continue;
    for (const std::string& name : group.other_members) {
      if (name != "root") groups_of[name].push_back(group.gid);
    }
  }
  for (auto& [name, gids] : groups_of) {
    make_set(gids);
    of(stranger_, std::move(gids)).others.push_back(name);
  }
}

}  // namespace

std::vector<PeopleAlike> people_of(const FileFacts& facts, const Accounts& accounts) {
  Classes classes{mentioned_in(facts), facts.permissions.uid};
  classes.add_accounts(accounts);
  classes.add_uids_without_account();
  classes.add_members_without_account(accounts);
  return classes.take();
}

bool is_empty(const PeopleAlike& people) {
  return people.accounts.empty() && people.others.empty();
}

std::size_t count_of(const PeopleAlike& people) {
  return people.accounts.size() + people.others.size();
}

void add_names(const PeopleAlike& people, std::vector<std::string>& names) {
  for (const Account* account : people.accounts) names.push_back(account->name);
  names.insert(names.end(), people.others.begin(), people.others.end());
}

}  // namespace cfwarden
