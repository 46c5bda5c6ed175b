// The arithmetic of tightening: which attributes an object gets. Pure.
//
// Promises  no right appears: every bit of `after` is in `before`, for the owner, the owning group,
//           every ACL entry and others, as the kernel would decide them; a test tries all modes.
//           Where an entry that goes had refused somebody what a wider class gives, that class
//           loses it too. Of a new owner only root's own new rights do not count.
#pragma once

#include "cfwarden/model/plan.h"

#include <cstdint>
#include <optional>
#include <set>

namespace cfwarden {

// What is to be closed. Special bits (07000) of files go with their mode, those of directories
// stay.
struct Wish {
  std::optional<unsigned> allowed_mode;  // No other permission bit stays set; nullopt: modes stay.
  bool drop_acl = false;  // All extended entries but the kept ones; uid and gid bring it along.
  std::set<std::uint32_t> keep_users;  // Whose ACL entries stay, reading (and searching) only.
  std::set<std::uint32_t> keep_groups;
  bool drop_default_acl = false;
  std::optional<std::uint32_t> uid;  // Only root; trusted places only.
  std::optional<std::uint32_t> gid;  // Of a service; only where the group's bits were set already.
};

Attributes tightened(const Attributes& before, FileType type, const Wish& wish);

// True when somebody has a right under `after` that `before` did not give: for a principal in any
// combination of owner, owning group, named entries and others. For checks and tests.
bool widens(const Attributes& before, const Attributes& after);

}  // namespace cfwarden
