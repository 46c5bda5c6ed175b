#include "cfwarden/exposure/access.h"

#include <algorithm>

namespace cfwarden {

namespace {

bool is_member(const Principal& who, std::uint32_t gid) {
  return std::ranges::find(who.gids, gid) != who.gids.end();
}

bool has(unsigned permissions, Access access) {
  const auto wanted = static_cast<unsigned>(access);
  return (permissions & wanted) == wanted;
}

unsigned mask_of(const std::vector<AclEntry>& acl) {
  const auto mask = std::ranges::find(acl, AclTag::mask, &AclEntry::tag);
  return mask == acl.end() ? 7 : mask->permissions;
}

bool applies(const AclEntry& entry, const Permissions& permissions, const Principal& who) {
  switch (entry.tag) {
    case AclTag::user:
      return entry.id == who.uid;
    case AclTag::group:
      return is_member(who, permissions.gid);
    case AclTag::named_group:
      return is_member(who, entry.id);
    default:
      return false;
  }
}

// posix_acl_permission(): a named user's entry decides alone; of the groups that somebody is in,
// the first that grants all of it decides, and if none does, that is a refusal: others is not
// asked.
Ruling acl_ruling(const Permissions& permissions, const Principal& who, Access access) {
  Ruling refusal{.granted = false, .by = AclTag::others};
  for (const AclEntry& entry : permissions.acl) {
    if (!applies(entry, permissions, who)) continue;
    const Ruling here{.granted = has(entry.permissions & mask_of(permissions.acl), access),
                      .by = entry.tag,
                      .id = entry.id};
    if (entry.tag == AclTag::user || has(entry.permissions, access)) return here;
    refusal = here;
  }
  if (refusal.by != AclTag::others) return refusal;
  const auto others = std::ranges::find(permissions.acl, AclTag::others, &AclEntry::tag);
  const bool granted = others != permissions.acl.end() && has(others->permissions, access);
  return {.granted = granted, .by = AclTag::others};
}

}  // namespace

Principal principal_of(const Account& account) {
  Principal who{.uid = account.uid, .gids = {account.gid}};
  who.gids.insert(who.gids.end(), account.groups.begin(), account.groups.end());
  return who;
}

Ruling ruling_of(const Permissions& permissions, const Principal& who, Access access) {
  if (who.uid == 0 && !who.is_powerless) return {.granted = true, .by = AclTag::owner};
  if (who.uid == permissions.uid) {
    return {.granted = has(permissions.mode >> 6, access), .by = AclTag::owner};
  }
  // Where the group bits are empty the kernel does not read the ACL at all.
  if (!permissions.acl.empty() && (permissions.mode & 070) != 0) {
    return acl_ruling(permissions, who, access);
  }
  if (is_member(who, permissions.gid)) {
    return {.granted = has(permissions.mode >> 3, access), .by = AclTag::group};
  }
  return {.granted = has(permissions.mode, access), .by = AclTag::others};
}

bool permits(const Permissions& permissions, const Principal& who, Access access) {
  return ruling_of(permissions, who, access).granted;
}

const DirectoryFacts* closed_directory(const FileFacts& facts, const Principal& who) {
  const auto closed = std::ranges::find_if_not(facts.ancestors, [&](const DirectoryFacts& above) {
    return permits(above.permissions, who, Access::search);
  });
  return closed == facts.ancestors.end() ? nullptr : &*closed;
}

bool can_open(const FileFacts& facts, const Principal& who, Access access) {
  return closed_directory(facts, who) == nullptr && permits(facts.permissions, who, access);
}

}  // namespace cfwarden
