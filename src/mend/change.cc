#include "cfwarden/mend/change.h"

#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/territory.h"
#include "cfwarden/mend/circumstances.h"
#include "cfwarden/mend/owner_worker.h"
#include "cfwarden/mend/take_steps.h"
#include "cfwarden/remedy/attributes.h"

#include <linux/capability.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr unsigned setgid = 02000;

// As whom the steps are taken.
struct Actor {
  bool is_worker = false;  // Else this process, as it is.
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

bool may_become_anybody() {
  return has_capability(CAP_SETUID) && has_capability(CAP_SETGID);
}

// A worker takes the object's group; root's only to keep a setgid bit, which nobody else can. It
// opens nothing, and holds nothing but the object.
Actor actor_for(const Territory& territory, const Permissions& object, const Permissions& after) {
  if (territory.trusted || !may_become_anybody()) return {.uid = geteuid(), .gid = getegid()};
  const bool takes_group = object.gid != 0 || (after.mode & setgid) != 0;
  return {.is_worker = true, .uid = territory.uid, .gid = takes_group ? object.gid : nobody};
}

// Root without CAP_SETUID could change what a user has linked into a directory of theirs: the
// kernel does not refuse that for us, so the owners must agree.
std::string missing_power(const Territory& territory, const Permissions& object) {
  if (may_become_anybody()) return {};
  const std::uint32_t caller = geteuid();
  const bool is_callers = object.uid == caller && (territory.trusted || territory.uid == caller);
  return is_callers ? "" : "it is not yours, and this process may not act as its owner";
}

bool keeps_setgid(const Actor& actor, std::uint32_t gid) {
  if (actor.is_worker) return actor.gid == gid;
  return has_capability(CAP_FSETID) || gid == getegid() || group_member(gid) != 0;
}

std::string lost_setgid(const ChangeOrder& order, const Actor& actor) {
  const Permissions& after = order.after.permissions;
  if ((after.mode & setgid) == 0 || keeps_setgid(actor, after.gid)) return {};
  return "its setgid bit would be lost: only a member of its group can keep that";
}

bool changes_owner(const ChangeOrder& order) {
  const Permissions& before = order.expected.attributes.permissions;
  const Permissions& after = order.after.permissions;
  return before.uid != after.uid || before.gid != after.gid;
}

std::string impossible(const ChangeOrder& order) {
  const FileType type = order.expected.type;
  if (type != FileType::regular && type != FileType::directory) {
    return "it is neither a file nor a directory";
  }
  if (order.direction == Direction::tighten && widens(order.expected.attributes, order.after)) {
    return "the change would give somebody a right";
  }
  const auto states = states_between(order.expected.attributes, order.after, type);
  if (states.back() != order.after) return "its wanted mode and ACLs contradict each other";
  return {};
}

// Why nothing may be changed, from what is known before anything happens.
std::string obstacle(const ChangeOrder& order, const Territory& territory, const Actor& actor) {
  if (!proc_is_genuine()) return "/proc is not procfs";
  if (auto why = impossible(order); !why.empty()) return why;
  if (!territory.trusted && changes_owner(order)) {
    return "owner and group are not changed in a directory of uid " + std::to_string(territory.uid);
  }
  if (auto why = missing_power(territory, order.expected.attributes.permissions); !why.empty()) {
    return why;
  }
  return lost_setgid(order, actor);
}

OwnersAnswer take_all(const ChangeOrder& order, const Actor& actor) {
  const Descriptor& object = *order.object.descriptor;
  const std::vector<Step> steps =
      steps_between(order.expected.attributes, order.after, order.expected.type);
  if (!actor.is_worker) return {.taken = take_steps(object, order.expected, steps)};
  return take_steps_as_owner({.uid = actor.uid,
                              .gid = actor.gid,
                              .object = object,
                              .expected = order.expected,
                              .steps = steps,
                              .patience = order.patience});
}

// A worker that died without a word has changed something, or nothing.
bool is_untouched(const OwnersAnswer& answer, const FileFacts& before, const FileFacts& now) {
  if (answer.taken.count) return *answer.taken.count == 0 && !answer.taken.why.empty();
  return answer.is_over && before.changed_nanoseconds == now.changed_nanoseconds &&
         attributes_in(before) == attributes_in(now);
}

// The descriptor's inode may have lost its path meanwhile, so the path is walked again.
Result<FileFacts> facts_at_path(const ChangeOrder& order) {
  auto opener = Opener::at(order.opener.root());
  if (!opener) return opener.error();
  auto opened = opener->open(order.object.path, order.named);
  if (!opened) return opened.error();
  return own_facts(*opened);
}

ChangeResult looked_at_again(const ChangeOrder& order, const OwnersAnswer& answer,
                             const FileFacts& before) {
  const auto now = present_facts(*order.object.descriptor);
  if (!now) return HalfChanged{"cannot be looked at again: " + now.error().what, {}};
  if (is_untouched(answer, before, *now)) return Untouched{answer.taken.why};
  const auto at_path = facts_at_path(order);
  if (!at_path) {
    return HalfChanged{"cannot be opened again: " + at_path.error().what, attributes_in(*now)};
  }
  // An overlay may give another number to what it has just copied up.
  const Expected wanted{.id = now->id, .type = order.expected.type, .attributes = order.after};
  const std::string lacking = difference(wanted, *at_path);
  if (lacking.empty() && answer.is_over) return Changed{at_path->changed_nanoseconds};
  const bool has_reason = !answer.taken.why.empty();
  return HalfChanged{has_reason ? answer.taken.why : "not as wanted afterwards: " + lacking,
                     attributes_in(*now)};
}

}  // namespace

ChangeResult change(const ChangeOrder& order) {
  const auto before = present_facts(*order.object.descriptor);
  if (!before) return Untouched{before.error().what};
  if (const std::string why = difference(order.expected, *before); !why.empty()) {
    return Untouched{"changed since it was looked at: " + why};
  }
  const Territory territory = holders_territory(order.object, complete_facts(order.object));
  const Actor actor =
      actor_for(territory, order.expected.attributes.permissions, order.after.permissions);
  if (auto why = obstacle(order, territory, actor); !why.empty()) return Untouched{std::move(why)};
  return looked_at_again(order, take_all(order, actor), *before);
}

}  // namespace cfwarden
