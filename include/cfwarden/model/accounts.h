// The users and groups of the audited host, as its own databases name them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

// Of the user that cloudflared's image runs as, and of its group; seldom an account of the host.
inline constexpr std::uint32_t container_uid = 65532;

struct Account {
  std::string name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;  // Primary group.
  std::string home;       // Without repeated, "." or closing slashes where it is absolute.
  std::vector<std::uint32_t> groups;  // Supplementary groups, without the primary one.
};

struct Group {
  std::string name;
  std::uint32_t gid = 0;
  std::vector<std::string> other_members;  // Names on its list that no account here has.
};

struct Accounts {
  std::vector<Account> users;
  std::vector<Group> groups;
  // Why there may be accounts that are not among these ("sss in nsswitch.conf ..."); "" if not.
  std::string incomplete_because;

  const Account* find_uid(std::uint32_t uid) const;
  const Account* find_name(const std::string& name) const;
  std::string user_name(std::uint32_t uid) const;   // The decimal uid when it has no account.
  std::string group_name(std::uint32_t gid) const;  // The decimal gid when it has no name.
};

}  // namespace cfwarden
