// Who can reach a credential. The words are those of docs and formats; see src/README.md.
#pragma once

#include <string>
#include <vector>

namespace cfwarden {

// Least first: a wider one compares greater. Root and the file's owner never count.
enum class Audience {
  owner,       // Nobody else.
  group,       // Members of the owning group only.
  some_users,  // Accounts named by an ACL, members of several groups, or all but a denied few.
  everyone,    // Every account, and uids without one.
};

struct Reach {
  Audience audience = Audience::owner;
  std::vector<std::string>
      accounts;  // Names, sorted; those that can do it now. Empty for everyone beyond 256.
  std::vector<std::string>
      because;  // Clauses for people: "mode 0644, and every directory above can be searched".
  // A uid without an account and without groups could do it too: everyone, or all but the few that
  // are denied.
  bool strangers = false;
  // At least these: the file has names that were not looked at.
  bool at_least = false;
};

struct Exposure {
  Reach readers;
  Reach writers;  // Can change the bytes, or replace the file through a directory above.
};

// What extended ACL entries mean today.
enum class AclState {
  none,
  latent,  // There are entries for others, but the mask or a closed directory leaves them nothing.
  grants,  // A named user or group, who has no other way, can read or write because of them.
};

}  // namespace cfwarden
