#include "cfwarden/mend/steps.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

constexpr unsigned set_ids = 06000;
constexpr unsigned group_bits = 070;
constexpr unsigned others_bits = 07;

bool has(const std::vector<AclEntry>& acl, AclTag tag) {
  return std::ranges::find(acl, tag, &AclEntry::tag) != acl.end();
}

// The group bits of the mode are the mask, or the owning group's entry where there is none.
AclTag behind_group_bits(const std::vector<AclEntry>& acl) {
  return has(acl, AclTag::mask) ? AclTag::mask : AclTag::group;
}

void move_entries(std::vector<AclEntry>& acl, unsigned mode) {
  const AclTag group = behind_group_bits(acl);
  for (AclEntry& entry : acl) {
    if (entry.tag == AclTag::owner) entry.permissions = mode >> 6 & 7;
    if (entry.tag == group) entry.permissions = mode >> 3 & 7;
    if (entry.tag == AclTag::others) entry.permissions = mode & 7;
  }
}

unsigned bits_of(const std::vector<AclEntry>& acl) {
  const AclTag group = behind_group_bits(acl);
  unsigned bits = 0;
  for (const AclEntry& entry : acl) {
    if (entry.tag == AclTag::owner) bits |= entry.permissions << 6;
    if (entry.tag == group) bits |= entry.permissions << 3;
    if (entry.tag == AclTag::others) bits |= entry.permissions;
  }
  return bits;
}

// An ACL that says no more than a mode is kept as a mode.
bool is_extended(const std::vector<AclEntry>& acl) {
  return has(acl, AclTag::user) || has(acl, AclTag::named_group) || has(acl, AclTag::mask);
}

void apply(const ModeStep& step, FileType, Attributes& now) {
  now.permissions.mode = step.mode;
  move_entries(now.permissions.acl, step.mode);
}

void apply(const AclStep& step, FileType, Attributes& now) {
  if (step.kind == AclKind::by_default) {
    now.default_acl = step.entries;
    return;
  }
  if (!step.entries.empty()) {
    now.permissions.mode = (now.permissions.mode & ~0777U) | bits_of(step.entries);
  }
  now.permissions.acl = is_extended(step.entries) ? step.entries : std::vector<AclEntry>{};
}

// Setgid without execution by the group is no right: it stays.
void apply(const OwnerStep& step, FileType type, Attributes& now) {
  Permissions& permissions = now.permissions;
  permissions.uid = step.uid;
  permissions.gid = step.gid;
  if (type == FileType::directory) return;
  permissions.mode &= (permissions.mode & 010) != 0 ? ~set_ids : ~04000U;
}

bool is_same_owner(const Permissions& one, const Permissions& other) {
  return one.uid == other.uid && one.gid == other.gid;
}

// What the mode is while something else than the mode changes.
unsigned mode_meanwhile(const Permissions& before, const Permissions& after, FileType type) {
  unsigned mode = before.mode & after.mode;
  const bool has_acl = !before.acl.empty() || !after.acl.empty();
  if (!is_same_owner(before, after)) {
    // Setuid and setgid never meet an owner that they were not given for.
    if (type != FileType::directory) mode &= ~set_ids;
    // The group bits are the mask to one owner and rights of a group to the next.
    if (has_acl) mode &= ~(group_bits | others_bits);
    return mode;
  }
  // Where the group bits are empty the kernel does not read the ACL, and whom it names has the
  // rights of others, which then neither the one ACL nor the other need have given them.
  const bool is_read = (before.mode & group_bits) != 0 && (after.mode & group_bits) != 0;
  if (has_acl && is_read && (mode & group_bits) == 0) mode &= ~others_bits;
  return mode;
}

// Gathers steps, and keeps track of what they lead to.
class Way {
 public:
  Way(Attributes from, FileType type) : now_{std::move(from)}, type_{type} {}

  void add(Step step) {
    Attributes next = after_step(now_, step, type_);
    if (next == now_) return;
    now_ = std::move(next);
    steps_.push_back(std::move(step));
  }
  std::vector<Step> steps() && { return std::move(steps_); }

 private:
  Attributes now_;
  FileType type_;
  std::vector<Step> steps_;
};

}  // namespace

Attributes after_step(Attributes now, const Step& step, FileType type) {
  std::visit([&](const auto& one) { apply(one, type, now); }, step);
  return now;
}

std::vector<Step> steps_between(const Attributes& before, const Attributes& after, FileType type) {
  const Permissions& wanted = after.permissions;
  const Step last = ModeStep{wanted.mode};
  Way way{before, type};
  if (after_step(before, last, type).permissions != wanted) {
    way.add(ModeStep{mode_meanwhile(before.permissions, wanted, type)});
    if (wanted.acl.empty()) way.add(AclStep{AclKind::access, {}});
    if (!is_same_owner(before.permissions, wanted)) way.add(OwnerStep{wanted.uid, wanted.gid});
    way.add(AclStep{AclKind::access, wanted.acl});
  }
  way.add(last);
  if (type == FileType::directory) way.add(AclStep{AclKind::by_default, after.default_acl});
  return std::move(way).steps();
}

std::vector<Attributes> states_between(const Attributes& before, const Attributes& after,
                                       FileType type) {
  std::vector<Attributes> states{before};
  for (const Step& step : steps_between(before, after, type)) {
    states.push_back(after_step(states.back(), step, type));
  }
  return states;
}

}  // namespace cfwarden
