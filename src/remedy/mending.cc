#include "cfwarden/remedy/mending.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/exposure/exposure.h"
#include "cfwarden/remedy/command.h"
#include "cfwarden/remedy/complaint.h"
#include "cfwarden/remedy/losers.h"

#include <algorithm>
#include <tuple>

namespace cfwarden {
namespace {

constexpr std::size_t max_names = 3;

std::vector<const Subject*> subjects_of(const Circumstances& now, const PlanInput& input) {
  std::vector<const Subject*> all;
  for (const Subject& subject : input.subjects) {
    const bool is_file = subject.type != SubjectType::service &&
                         subject.type != SubjectType::pointer &&
                         subject.type != SubjectType::directory;
    if (is_file && (subject.path == now.path || subject.facts.id == now.facts.id)) {
      all.push_back(&subject);
    }
  }
  return all;
}

std::vector<Dependent> dependents_of(const MendedObject& object, const Circumstances& now,
                                     const PlanInput& input) {
  return now.facts.type == FileType::directory
             ? dependents_of_directory(input.subjects, object.path, now.facts.id)
             : dependents_of_file(subjects_of(now, input));
}

std::string names_of(const std::vector<const Dependent*>& dependents) {
  std::vector<std::string> names;
  for (const Dependent* dependent : dependents) {
    std::string name = described(*dependent);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < max_names; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > max_names)
    text += " and " + std::to_string(names.size() - max_names) + " more";
  return text;
}

// One object at work.
class Mender {
 public:
  Mender(const MendedObject& object, const Circumstances& now, const PlanInput& input)
      : object_{object},
        now_{now},
        input_{input},
        dependents_{dependents_of(object, now, input)},
        before_{now.facts.permissions, now.facts.default_acl} {}

  Mending result() {
    const Goal goal =
        closed_to_former_owner(goal_of(object_, before_.permissions.mode, input_.wishes));
    if (goal.uid) {  // What its owner made up does not bind what is root's.
      std::erase_if(dependents_, [](const Dependent& one) { return !!one.need->controlled_by; });
    }
    settled_ = settle(before_, type(), goal, dependents_);
    Attributes after = settled_.after;
    const auto shared = attributes_for_service_group(goal);
    if (shared) after = *shared;
    Mending mending{.change = change_to(after)};
    const bool is_partial = !settled_.locked_out.empty() && !shared;
    if (is_partial) {
      leave(after, mending);
    } else {
      mending.mended = object_.findings;
    }
    mending.change.mends = mended(mending.mended);
    return mending;
  }

 private:
  FileType type() const { return now_.facts.type; }
  bool is_directory() const { return type() == FileType::directory; }

  bool may_be_shared() const {
    return now_.is_trusted && !is_directory() && runs_tunnels_only(object_);
  }

  // Who owned the file did not count as a member of its group; who owned it may be one.
  Goal closed_to_former_owner(Goal goal) const {
    const Permissions& now = before_.permissions;
    if (!goal.uid || !goal.allowed_mode || *goal.uid == now.uid) return goal;
    const auto members = members_of(now.gid, *goal.uid, input_.accounts);
    const bool is_member =
        std::ranges::find(members, input_.accounts.user_name(now.uid)) != members.end();
    if (is_member) *goal.allowed_mode &= ~070U;
    return goal;
  }

  std::optional<Attributes> attributes_for_service_group(const Goal& goal) const {
    const PlanWishes& wishes = input_.wishes;
    if (!wishes.service_group || !wishes.is_root || !may_be_shared()) return std::nullopt;
    const auto gid = service_group_of(settled_, before_.permissions, dependents_, input_.accounts);
    return gid ? shared_with(*gid, before_, goal, dependents_) : std::nullopt;
  }

  Change change_to(const Attributes& after) const {
    const Accounts& accounts = input_.accounts;
    Change change{.path = object_.path,
                  .type = type(),
                  .id = now_.facts.id,
                  .changed_nanoseconds = now_.facts.changed_nanoseconds,
                  .before = before_,
                  .after = after,
                  .owner_before = accounts.user_name(before_.permissions.uid),
                  .group_before = accounts.group_name(before_.permissions.gid),
                  .owner_after = accounts.user_name(after.permissions.uid),
                  .group_after = accounts.group_name(after.permissions.gid),
                  .is_users = !now_.is_trusted};
    change.keepers = keepers_of(after);
    change.not_tighter = why_not_tighter(after);
    add_losers(change);
    return change;
  }

  std::vector<Keeper> keepers_of(const Attributes& after) const {
    std::vector<Keeper> keepers;
    for (const Dependent& dependent : dependents_) {
      if (dependent.need->can_read != true) continue;
      Keeper keeper{.who = dependent.need->who,
                    .user = dependent.need->user,
                    .how = how_it_is_let_in(dependent, type(), after.permissions, input_.accounts)};
      const bool is_known = std::ranges::any_of(keepers, [&](const Keeper& other) {
        return other.who == keeper.who && other.user == keeper.user && other.how == keeper.how;
      });
      if (!is_known) keepers.push_back(std::move(keeper));
    }
    std::ranges::sort(keepers, {}, [](const Keeper& keeper) {
      return std::tie(keeper.who, keeper.user, keeper.how);
    });
    return keepers;
  }

  std::string why_not_tighter(const Attributes& after) const {
    const bool is_open = (after.permissions.mode & 077U) != 0;
    if (!settled_.locked_out.empty() && after.permissions.gid == before_.permissions.gid) {
      return would_stop(settled_.wanted.permissions.mode, settled_.locked_out, before_);
    }
    if (!is_open || is_directory()) return "";
    const auto stopped = stopped_by_owner_only(after, type(), dependents_);
    return stopped.empty() ? "" : would_stop(after.permissions.mode & 0700U, stopped, after);
  }

  // "0600 would stop cloudflared.service: it reads it as cloudflared, through its group".
  std::string would_stop(unsigned mode, const std::vector<const Dependent*>& stopped,
                         const Attributes& open) const {
    const Dependent& first = *stopped.front();
    std::string text = mode_text(mode) + " would stop " + first.need->who;
    if (stopped.size() > 1) text += " and " + std::to_string(stopped.size() - 1) + " more";
    text += std::string{": it "} + (is_directory() ? "passes through it" : "reads it") + " as " +
            first.need->user + ", ";
    text += how_it_is_let_in(first, type(), open.permissions, input_.accounts);
    return text + outsiders_of_group(first, open.permissions);
  }

  // A group that a service reads through should hold nobody else.
  std::string outsiders_of_group(const Dependent& dependent, const Permissions& open) const {
    const auto ways = ways_in(dependent, type(), open);
    if (ways.empty() || ways.front().by != AclTag::group) return {};
    std::string names;
    for (const std::string& name : members_of(open.gid, open.uid, input_.accounts)) {
      if (name != dependent.need->user) names += (names.empty() ? "" : ", ") + name;
    }
    return names.empty() ? "" : ", which also lets in " + names;
  }

  void add_losers(Change& change) const {
    const FileFacts after = with_permissions(now_.facts, now_.facts.id, change.after.permissions);
    Losers losers = losers_between(now_.facts, after, input_.accounts);
    const auto keeps = [&](const std::string& name) {
      return std::ranges::any_of(change.keepers,
                                 [&](const Keeper& keeper) { return keeper.user == name; });
    };
    std::erase_if(losers.names, keeps);
    std::erase_if(losers.readers, keeps);
    change.held_secret = is_directory() ? shuts_off_secrets(change)
                                        : (!losers.readers.empty() || losers.everyone_reads) &&
                                              holds_secret(subjects_of(now_, input_));
    change.losers = std::move(losers.names);
    change.everyone_loses = losers.everyone;
  }

  // Somebody could read a secret below, and cannot since this directory is closed.
  bool shuts_off_secrets(const Change& change) const {
    return std::ranges::any_of(input_.subjects, [&](const Subject& subject) {
      const Subject* one = &subject;
      const bool is_below = std::ranges::any_of(
          subject.facts.ancestors,
          [&](const DirectoryFacts& directory) { return directory.id == change.id; });
      if (!is_below || !holds_secret({&one, 1})) return false;
      const FileFacts before =
          with_permissions(subject.facts, change.id, change.before.permissions);
      const FileFacts after = with_permissions(subject.facts, change.id, change.after.permissions);
      const Losers losers = losers_between(before, after, input_.accounts);
      return !losers.readers.empty() || losers.everyone_reads;
    });
  }

  // Where the object is not closed as far as it should be.
  static bool stays(const Finding& finding, const Attributes& after) {
    const Complaint complaint = complaint_of(finding.rule);
    if (complaint == Complaint::default_acl) return !after.default_acl.empty();
    if (finding.fix == "remove-acl") return !after.permissions.acl.empty();
    if (complaint == Complaint::writers) return (after.permissions.mode & 022U) != 0;
    if (complaint == Complaint::everyone) return (after.permissions.mode & 04U) != 0;
    return true;
  }

  void leave(const Attributes& after, Mending& mending) const {
    for (const Finding* finding : object_.findings) {
      (stays(*finding, after) ? mending.left : mending.mended).push_back(finding);
    }
    if (mending.left.empty()) return;
    const unsigned wanted = settled_.wanted.permissions.mode;
    const bool only_acl = wanted == before_.permissions.mode;
    mending.why_left = (only_acl ? "removing its ACL" : "closing it to " + mode_text(wanted)) +
                       " would lock out " + names_of(settled_.locked_out);
    add_way_out(wanted, mending);
  }

  // Another group is given only to what runs one tunnel, and to a group that may be a service's.
  void add_way_out(unsigned wanted, Mending& mending) const {
    const Need& need = *settled_.locked_out.front()->need;
    const bool has_group = need.gid && *need.gid != 0 && *need.gid < container_uid;
    if (!has_group || need.is_container) return;
    if (!is_directory() && !runs_tunnels_only(object_)) return;
    const unsigned mode = wanted | (is_directory() ? 010U : 040U);
    mending.command = share_command(now_, *need.gid, mode);
    const bool is_offered =
        !input_.wishes.service_group && input_.wishes.is_root && may_be_shared() &&
        service_group_of(settled_, before_.permissions, dependents_, input_.accounts) == need.gid;
    if (is_offered) {
      mending.why_left += "; --service-group would let it in through group " +
                          input_.accounts.group_name(*need.gid);
    }
  }

  const MendedObject& object_;
  const Circumstances& now_;
  const PlanInput& input_;
  std::vector<Dependent> dependents_;
  Attributes before_;
  Settled settled_;
};

}  // namespace

Mending mending_of(const MendedObject& object, const Circumstances& now, const PlanInput& input) {
  return Mender{object, now, input}.result();
}

std::string why_not_taken(const MendedObject& object, const Circumstances& now,
                          const PlanInput& input) {
  if (object.stray_finding == nullptr) return "";
  const std::uint32_t uid = now.facts.permissions.uid;
  std::string why = "belongs to " + input.accounts.user_name(uid);
  if (!object.expected_owner.empty()) why += ", expected " + object.expected_owner;
  if (uid == 0) return why;
  if (uid == container_uid) return why + ": the user of a container keeps what it owns";
  for (const Dependent& dependent : dependents_of(object, now, input)) {
    const bool runs_as_owner =
        !dependent.is_kept_anyway && (!dependent.who || dependent.who->uid == uid);
    if (runs_as_owner) return why + "; " + described(dependent) + " reads it as its owner";
  }
  if (!now.is_trusted) return why + ": in a user's directory nothing is given to another owner";
  if (!input.wishes.take_ownership) return why + "; --take-ownership gives it to root";
  if (!input.wishes.is_root) return why + ": only root can give it to another owner";
  const bool is_wanted = is_wanted_change(*object.stray_finding, input.wishes);
  return is_wanted ? "" : why + ": of what was asked for, nothing may be done before";
}

}  // namespace cfwarden
