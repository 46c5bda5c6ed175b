#include "cfwarden/remedy/attributes.h"

#include "cfwarden/exposure/access.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr unsigned all_rights = 7;
constexpr unsigned special_bits = 07000;

constexpr unsigned owner_of(unsigned mode) {
  return (mode >> 6) & all_rights;
}
constexpr unsigned group_of(unsigned mode) {
  return (mode >> 3) & all_rights;
}
constexpr unsigned others_of(unsigned mode) {
  return mode & all_rights;
}

const AclEntry* entry_of(const std::vector<AclEntry>& acl, AclTag tag, std::uint32_t id = 0) {
  const auto found = std::ranges::find_if(
      acl, [&](const AclEntry& entry) { return entry.tag == tag && entry.id == id; });
  return found == acl.end() ? nullptr : &*found;
}

bool is_named(const AclEntry& entry) {
  return entry.tag == AclTag::user || entry.tag == AclTag::named_group;
}

unsigned mask_of(const Permissions& permissions) {
  const AclEntry* mask = entry_of(permissions.acl, AclTag::mask);
  return group_of(permissions.mode) & (mask == nullptr ? all_rights : mask->permissions);
}

// Where the mask is empty the kernel asks no entry.
bool asks_acl(const Permissions& permissions) {
  return !permissions.acl.empty() && group_of(permissions.mode) != 0;
}

unsigned rights_of_group(const Permissions& permissions) {
  const AclEntry* group = entry_of(permissions.acl, AclTag::group);
  return mask_of(permissions) & (group == nullptr ? all_rights : group->permissions);
}

unsigned allowed_of(const Wish& wish) {
  return wish.allowed_mode.value_or(0777);
}

unsigned special_bits_after(unsigned mode, FileType type, const Wish& wish) {
  const bool stay = type == FileType::directory || !wish.allowed_mode;
  return stay ? mode & special_bits : 0;
}

// An object whose extended ACL goes, wholly or but for what is kept.
class Trimming {
 public:
  Trimming(const Permissions& was, FileType type, const Wish& wish)
      : was_{was},
        wish_{wish},
        mask_{mask_of(was)},
        readable_{type == FileType::directory ? 5U : 4U},
        special_{special_bits_after(was.mode, type, wish)},
        group_{rights_of_group(was) & group_of(allowed_of(wish))},
        others_{others_of(was.mode & allowed_of(wish))} {}

  Permissions result() {
    if (asks_acl(was_)) {
      take_users();
      if (changes_group()) admit_group();
    } else if (changes_group()) {
      group_ &= others_of(was_.mode);
    }
    if (changes_group()) others_ &= rights_of_group(was_);
    if (changes_owner()) refuse_all_but(owner_of(was_.mode));
    if (asks_acl(was_)) take_groups();
    return put_together();
  }

 private:
  bool changes_owner() const { return wish_.uid && *wish_.uid != was_.uid; }
  bool changes_group() const { return wish_.gid && *wish_.gid != was_.gid; }

  // Whoever had only `rights` falls into another class now.
  void refuse_all_but(unsigned rights) {
    group_ &= rights;
    others_ &= rights;
    limit_of_groups_ &= rights;
    if (changes_owner()) {
      std::erase_if(kept_, [&](const AclEntry& entry) {
        return entry.tag == AclTag::user && entry.id == was_.uid;
      });
    }
  }

  void take_users() {
    for (const AclEntry& entry : was_.acl) {
      if (entry.tag != AclTag::user) continue;
      const unsigned rights = entry.permissions & mask_;
      const bool stays = wish_.keep_users.contains(entry.id) && (rights & readable_) != 0;
      if (stays) {
        kept_.push_back({AclTag::user, entry.id, rights & readable_});
      } else {
        refuse_all_but(rights);
      }
    }
  }

  void take_groups() {
    for (const AclEntry& entry : was_.acl) {
      if (entry.tag != AclTag::named_group) continue;
      const unsigned rights = entry.permissions & mask_;
      const unsigned left = rights & readable_ & limit_of_groups_;
      const bool is_new_group = changes_group() && entry.id == *wish_.gid;
      if (wish_.keep_groups.contains(entry.id) && left != 0 && !is_new_group) {
        kept_.push_back({AclTag::named_group, entry.id, left});
      } else {
        others_ &= rights;
      }
    }
  }

  // Members of the new group were others until now, or had an entry.
  void admit_group() {
    if (const AclEntry* entry = entry_of(was_.acl, AclTag::named_group, *wish_.gid)) {
      group_ &= entry->permissions & mask_;
      return;
    }
    group_ &= others_of(was_.mode);
    for (const AclEntry& entry : was_.acl) {
      if (entry.tag == AclTag::named_group) group_ &= entry.permissions & mask_;
    }
  }

  Permissions put_together() const {
    const unsigned owner = owner_of(was_.mode & allowed_of(wish_));
    unsigned mask = group_;
    for (const AclEntry& entry : kept_) mask |= entry.permissions;
    Permissions now{.mode = special_ | (owner << 6) | (mask << 3) | others_,
                    .uid = wish_.uid.value_or(was_.uid),
                    .gid = wish_.gid.value_or(was_.gid),
                    .acl = {}};
    if (kept_.empty()) return now;
    now.acl.push_back({AclTag::owner, 0, owner});
    add_kept(AclTag::user, now.acl);
    now.acl.push_back({AclTag::group, 0, group_});
    add_kept(AclTag::named_group, now.acl);
    now.acl.push_back({AclTag::mask, 0, mask});
    now.acl.push_back({AclTag::others, 0, others_});
    return now;
  }

  void add_kept(AclTag tag, std::vector<AclEntry>& acl) const {
    std::ranges::copy_if(kept_, std::back_inserter(acl),
                         [&](const AclEntry& entry) { return entry.tag == tag; });
  }

  const Permissions& was_;
  const Wish& wish_;
  unsigned mask_ = 0;
  unsigned readable_ = 0;
  unsigned special_ = 0;
  unsigned group_ = 0;
  unsigned others_ = 0;
  unsigned limit_of_groups_ = all_rights;
  std::vector<AclEntry> kept_;
};

// As chmod does it: the entries stay, the mask goes with the group bits.
Permissions narrowed(const Permissions& was, FileType type, const Wish& wish) {
  Permissions now = was;
  const unsigned kept = special_bits_after(was.mode, type, wish) | (allowed_of(wish) & 0777);
  now.mode = was.mode & kept;
  // What an entry refused is given by the others' bits once no entry is asked any more.
  if (asks_acl(was) && group_of(now.mode) == 0) {
    for (const AclEntry& entry : was.acl) {
      if (is_named(entry)) now.mode &= ~all_rights | (entry.permissions & mask_of(was));
    }
  }
  for (AclEntry& entry : now.acl) {
    if (entry.tag == AclTag::owner) entry.permissions = owner_of(now.mode);
    if (entry.tag == AclTag::mask) entry.permissions = group_of(now.mode);
    if (entry.tag == AclTag::others) entry.permissions = others_of(now.mode);
  }
  return now;
}

bool changes_ids(const Permissions& was, const Wish& wish) {
  return (wish.uid && *wish.uid != was.uid) || (wish.gid && *wish.gid != was.gid);
}

struct Mentioned {
  std::set<std::uint32_t> uids;
  std::set<std::uint32_t> gids;
};

void mention(Mentioned& mentioned, const Permissions& permissions) {
  mentioned.uids.insert(permissions.uid);
  mentioned.gids.insert(permissions.gid);
  for (const AclEntry& entry : permissions.acl) {
    if (entry.tag == AclTag::user) mentioned.uids.insert(entry.id);
    if (entry.tag == AclTag::named_group) mentioned.gids.insert(entry.id);
  }
}

bool gains(const Permissions& before, const Permissions& after, const Principal& who) {
  for (unsigned rights = 1; rights <= all_rights; ++rights) {
    const auto access = static_cast<Access>(rights);
    if (permits(after, who, access) && !permits(before, who, access)) return true;
  }
  return false;
}

// Two groups are enough: one that lets in afterwards, and one whose entry refused before.
bool gains_in_any_groups(const Permissions& before, const Permissions& after,
                         const Mentioned& mentioned, std::uint32_t uid) {
  Principal who{.uid = uid, .gids = {}, .is_powerless = true};
  if (gains(before, after, who)) return true;
  for (const std::uint32_t one : mentioned.gids) {
    for (const std::uint32_t other : mentioned.gids) {
      who.gids = {one, other};
      if (gains(before, after, who)) return true;
    }
  }
  return false;
}

}  // namespace

Attributes tightened(const Attributes& before, FileType type, const Wish& wish) {
  const Permissions& was = before.permissions;
  const bool trims = was.acl.empty() || wish.drop_acl || changes_ids(was, wish);
  Attributes after{
      .permissions = trims ? Trimming{was, type, wish}.result() : narrowed(was, type, wish),
      .default_acl = before.default_acl};
  if (wish.drop_default_acl) after.default_acl.clear();
  return after;
}

bool widens(const Attributes& before, const Attributes& after) {
  const Permissions& was = before.permissions;
  const Permissions& now = after.permissions;
  if ((now.mode & special_bits & ~was.mode) != 0) return true;
  const bool has_new_default =
      !after.default_acl.empty() && after.default_acl != before.default_acl;
  if (has_new_default) return true;
  Mentioned mentioned;
  mention(mentioned, was);
  mention(mentioned, now);
  std::uint32_t stranger = 1;
  while (mentioned.uids.contains(stranger)) ++stranger;
  mentioned.uids.insert(stranger);
  return std::ranges::any_of(mentioned.uids, [&](std::uint32_t uid) {
    const bool is_new_root = uid == 0 && now.uid == 0 && was.uid != 0;
    return !is_new_root && gains_in_any_groups(was, now, mentioned, uid);
  });
}

}  // namespace cfwarden
