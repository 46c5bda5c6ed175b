#include "cfwarden/remedy/goal.h"

#include "cfwarden/exposure/exposure.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::uint32_t nogroup = 65534;

// What a need asks of an object, as one class's bits.
unsigned rights_needed(FileType type, std::span<const Dependent> dependents) {
  if (type == FileType::directory) return 1;
  const bool is_run = std::ranges::any_of(dependents, &Dependent::runs_it);
  return is_run ? 5 : 4;
}

void keep_entries(Wish& wish, const Permissions& before, FileType type,
                  std::span<const Dependent> dependents) {
  for (const Dependent& dependent : dependents) {
    for (const Ruling& way : ways_in(dependent, type, before)) {
      if (way.by == AclTag::user) wish.keep_users.insert(way.id);
      if (way.by == AclTag::named_group) wish.keep_groups.insert(way.id);
    }
  }
}

Wish wish_of(const Goal& goal, std::optional<unsigned> mode) {
  return {.allowed_mode = mode,
          .drop_acl = goal.drop_acl,
          .keep_users = {},
          .keep_groups = {},
          .drop_default_acl = goal.drop_default_acl,
          .uid = goal.uid,
          .gid = {}};
}

// Tightest first.
std::vector<Wish> wishes_of(const Goal& goal, const Attributes& before, FileType type,
                            std::span<const Dependent> dependents) {
  std::vector<std::optional<unsigned>> modes{goal.allowed_mode};
  if (goal.allowed_mode) {
    const unsigned rights = rights_needed(type, dependents);
    modes.push_back(*goal.allowed_mode | (rights << 3));
    modes.push_back(*goal.allowed_mode | (rights << 3) | rights);
  }
  std::vector<Wish> wishes;
  for (const auto mode : modes) {
    wishes.push_back(wish_of(goal, mode));
    Wish keeping = wishes.back();
    keep_entries(keeping, before.permissions, type, dependents);
    wishes.push_back(std::move(keeping));
  }
  if (!goal.drop_acl || before.permissions.acl.empty()) return wishes;
  for (const auto mode : modes) {
    wishes.push_back(wish_of(goal, mode));
    wishes.back().drop_acl = false;
  }
  return wishes;
}

bool keeps_all(const Attributes& before, const Attributes& after, FileType type,
               std::span<const Dependent> dependents) {
  return std::ranges::all_of(dependents, [&](const Dependent& dependent) {
    return keeps_access(dependent, type, before.permissions, after.permissions);
  });
}

std::vector<const Dependent*> locked_out_by(const Attributes& before, const Attributes& after,
                                            FileType type, std::span<const Dependent> dependents) {
  std::vector<const Dependent*> locked_out;
  for (const Dependent& dependent : dependents) {
    if (!keeps_access(dependent, type, before.permissions, after.permissions)) {
      locked_out.push_back(&dependent);
    }
  }
  return locked_out;
}

bool is_member(const Dependent& dependent, std::uint32_t gid) {
  return dependent.who && std::ranges::find(dependent.who->gids, gid) != dependent.who->gids.end();
}

}  // namespace

Settled settle(const Attributes& before, FileType type, const Goal& goal,
               std::span<const Dependent> dependents) {
  const std::vector<Wish> wishes = wishes_of(goal, before, type, dependents);
  Settled settled{
      .after = before, .wanted = tightened(before, type, wishes.front()), .locked_out = {}};
  settled.locked_out = locked_out_by(before, settled.wanted, type, dependents);
  for (const Wish& wish : wishes) {
    Attributes after = tightened(before, type, wish);
    if (!keeps_all(before, after, type, dependents)) continue;
    settled.after = std::move(after);
    break;
  }
  return settled;
}

std::optional<std::uint32_t> service_group_of(const Settled& settled, const Permissions& before,
                                              std::span<const Dependent> dependents,
                                              const Accounts& accounts) {
  if (settled.locked_out.empty()) return std::nullopt;
  const std::optional<std::uint32_t> gid = settled.locked_out.front()->need->gid;
  if (!gid || *gid == 0 || *gid == nogroup || *gid == container_uid) return std::nullopt;
  const bool all_are_in_it = std::ranges::all_of(dependents, [&](const Dependent& dependent) {
    const bool reads_as_another = !dependent.is_kept_anyway && dependent.need->uid != before.uid;
    return !reads_as_another || (is_member(dependent, *gid) && !dependent.need->is_container);
  });
  if (!all_are_in_it) return std::nullopt;
  const auto members = members_of(*gid, before.uid, accounts);
  const bool only_they_are = std::ranges::all_of(members, [&](const std::string& member) {
    return std::ranges::any_of(dependents, [&](const Dependent& dependent) {
      return dependent.need->user == member && !dependent.need->read_by_manager;
    });
  });
  return only_they_are ? gid : std::nullopt;
}

std::optional<Attributes> shared_with(std::uint32_t gid, const Attributes& before, const Goal& goal,
                                      std::span<const Dependent> dependents) {
  Wish wish = wish_of(goal, goal.allowed_mode.value_or(0600) | 040U);
  wish.drop_acl = true;
  wish.gid = gid;
  Attributes after = tightened(before, FileType::regular, wish);
  if (!keeps_all(before, after, FileType::regular, dependents)) return std::nullopt;
  return after;
}

std::vector<const Dependent*> stopped_by_owner_only(const Attributes& before, FileType type,
                                                    std::span<const Dependent> dependents) {
  const Attributes closed = tightened(before, type, {.allowed_mode = 0700, .drop_acl = true});
  return locked_out_by(before, closed, type, dependents);
}

}  // namespace cfwarden
