// May this principal do that to an inode? The kernel's own decision, over facts.
//
// Promises  the answer of Linux's acl_permission_check() for a process without capabilities: owner
//           class first, then ACL (only consulted where the mode's group bits are not empty),
//           group, others.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/model/file_facts.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cfwarden {

struct Principal {
  std::uint32_t uid = 0;
  std::vector<std::uint32_t> gids;  // Primary and supplementary.
  bool is_powerless = false;        // Of root: neither CAP_DAC_OVERRIDE nor CAP_DAC_READ_SEARCH.
};

Principal principal_of(const Account& account);

enum class Access : unsigned {
  read = 4,
  write = 2,
  search = 1,
  change = 3,  // Of a directory's entries: one class or ACL entry must give writing and searching.
};

// The kernel's answer, and the class or ACL entry that gave it.
struct Ruling {
  bool granted = false;
  AclTag by = AclTag::owner;
  std::uint32_t id = 0;  // Of a named user or group.
};

// Root may everything that is not execution of a file, unless it is powerless.
Ruling ruling_of(const Permissions& permissions, const Principal& who, Access access);

bool permits(const Permissions& permissions, const Principal& who, Access access);

// The first directory above the file that `who` cannot search; nullptr when there is none.
const DirectoryFacts* closed_directory(const FileFacts& facts, const Principal& who);

bool can_open(const FileFacts& facts, const Principal& who, Access access);

}  // namespace cfwarden
