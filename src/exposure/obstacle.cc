#include "cfwarden/exposure/obstacle.h"

#include "cfwarden/base/mode_text.h"

#include <algorithm>

namespace cfwarden {
namespace {

bool has(unsigned permissions, Access access) {
  const auto wanted = static_cast<unsigned>(access);
  return (permissions & wanted) == wanted;
}

bool is_member(const Principal& who, std::uint32_t gid) {
  return std::ranges::find(who.gids, gid) != who.gids.end();
}

// The entry that is there for this reader, as it is written; "" for owner, mask and others.
std::string name_of(const AclEntry& entry, const Permissions& permissions,
                    const Accounts& accounts) {
  switch (entry.tag) {
    case AclTag::user:
      return "user:" + accounts.user_name(entry.id);
    case AclTag::group:
      return "group:" + accounts.group_name(permissions.gid);
    case AclTag::named_group:
      return "group:" + accounts.group_name(entry.id);
    default:
      return "";
  }
}

bool is_for(const AclEntry& entry, const Permissions& permissions, const Principal& who) {
  return (entry.tag == AclTag::user && entry.id == who.uid) ||
         (entry.tag == AclTag::group && is_member(who, permissions.gid)) ||
         (entry.tag == AclTag::named_group && is_member(who, entry.id));
}

// A named user's entry decides alone; of the groups the first that would give it is worth naming.
const AclEntry* deciding_entry(const Permissions& permissions, const Principal& who,
                               Access access) {
  const AclEntry* deciding = nullptr;
  for (const AclEntry& entry : permissions.acl) {
    if (!is_for(entry, permissions, who)) continue;
    if (entry.tag == AclTag::user) return &entry;
    if (deciding == nullptr || !has(deciding->permissions, access)) deciding = &entry;
  }
  return deciding;
}

// For whom no entry of an ACL is there: what the mode says, and the group that would help.
std::string mode_words(const Permissions& permissions, AclTag by, Access access,
                       const Accounts& accounts) {
  std::string words = " (mode " + mode_text(permissions.mode);
  if (by != AclTag::group) words += ", owner " + accounts.user_name(permissions.uid);
  const bool group_would_help = by == AclTag::others && has(permissions.mode >> 3, access);
  if (by == AclTag::group || (group_would_help && permissions.acl.empty())) {
    words += ", group " + accounts.group_name(permissions.gid);
  }
  return words + ")";
}

std::string reason(const Permissions& permissions, const Principal& who, Access access,
                   const Accounts& accounts) {
  const AclTag by = ruling_of(permissions, who, access).by;
  const AclEntry* entry = by == AclTag::owner ? nullptr : deciding_entry(permissions, who, access);
  if (entry == nullptr) return mode_words(permissions, by, access, accounts);
  const std::string name = name_of(*entry, permissions, accounts);
  if (has(entry->permissions, access)) {
    return ": the ACL's mask takes away what " + name + " is given";
  }
  // Where the mask is empty the kernel asks no entry.
  if ((permissions.mode & 070) == 0) return mode_words(permissions, by, access, accounts);
  return ": the ACL's entry " + name + " does not allow it";
}

}  // namespace

std::optional<Obstacle> obstacle_of(const FileFacts& facts, const std::string& path,
                                    const Reader& reader, const Accounts& accounts,
                                    std::size_t first_ancestor) {
  if (reader.bypasses) return std::nullopt;
  for (std::size_t i = first_ancestor; i < facts.ancestors.size(); ++i) {
    const DirectoryFacts& above = facts.ancestors[i];
    if (permits(above.permissions, reader.who, Access::search)) continue;
    return Obstacle{.path = above.path,
                    .is_directory = true,
                    .words = "cannot search " + above.path +
                             reason(above.permissions, reader.who, Access::search, accounts)};
  }
  if (permits(facts.permissions, reader.who, Access::read)) return std::nullopt;
  return Obstacle{
      .path = path,
      .is_directory = false,
      .words = "cannot read it" + reason(facts.permissions, reader.who, Access::read, accounts)};
}

}  // namespace cfwarden
