#include "cfwarden/remedy/plan.h"

#include "cfwarden/base/path.h"
#include "cfwarden/remedy/command.h"
#include "cfwarden/remedy/complaint.h"
#include "cfwarden/remedy/credit.h"
#include "cfwarden/remedy/inspected.h"
#include "cfwarden/remedy/mending.h"
#include "cfwarden/remedy/objects.h"
#include "cfwarden/remedy/refusal.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

std::size_t depth_of(std::string_view path) {
  return path == "/" ? 0 : static_cast<std::size_t>(std::ranges::count(path, '/'));
}

// Directories top-down, then files. Borrows the path.
auto turn_of(bool is_directory, const std::string& path) {
  return std::tuple{!is_directory, is_directory ? depth_of(path) : 0, std::string_view{path}};
}

class Planner {
 public:
  explicit Planner(const PlanInput& input) : input_{input}, inspected_{input} {}

  Plan plan() {
    objects_ = objects_to_mend(input_);
    merge_names_of_one_inode(objects_, inspected_);
    add_directories_to_close_first(objects_, inspected_, input_);
    for (const MendedObject* object : in_order()) decide(*object);
    credit_directories();
    add_gaps();
    add_advice();
    add_accepted();
    clear_links_to_changed();
    sort();
    return std::move(plan_);
  }

 private:
  std::vector<const MendedObject*> in_order() const {
    std::vector<const MendedObject*> all;
    for (const MendedObject& object : objects_) all.push_back(&object);
    std::ranges::sort(all, {}, [](const MendedObject* object) {
      return turn_of(object->is_directory, object->path);
    });
    return all;
  }

  void refuse(const MendedObject& object, std::string why, std::string command) {
    std::vector<const Finding*> leaves = object.findings;
    const auto add = [&](const Finding* finding) {
      if (finding == nullptr || std::ranges::find(leaves, finding) != leaves.end()) return;
      leaves.push_back(finding);
    };
    add(object.stray_finding);
    std::ranges::for_each(object.other_names, add);
    refused_.push_back(&object);
    refuse(object.path, leaves, std::move(why), std::move(command));
  }

  void refuse(const std::string& path, const std::vector<const Finding*>& leaves, std::string why,
              std::string command) {
    told_.insert(leaves.begin(), leaves.end());
    plan_.refusals.push_back({.path = path,
                              .leaves = mended(leaves),
                              .why = std::move(why),
                              .command = std::move(command)});
  }

  void decide(const MendedObject& object) {
    const Circumstances* now = inspected_.reached(object.path);
    if (now == nullptr) {
      return refuse(object, std::get<std::string>(inspected_.at(object.path)), "");
    }
    const bool only_in_the_way = object.findings.empty() && !object.closes_first;
    const bool is_in_the_way = !now->link.empty() || now->facts.links > 1;
    if (only_in_the_way && !is_in_the_way) return;
    if (!is_what_was_looked_at(object, now->facts)) {
      return refuse(object, "is another object than the one that was looked at", "");
    }
    const auto forbids =
        forbidden(*now, input_.accounts, closed_first_, input_.wishes.names(object.path));
    if (forbids) return refuse(object, forbids->why, forbids->command);
    if (only_in_the_way) return;
    if (!object.excepted.empty()) return refuse(object, why_accepted(*object.excepted.front()), "");
    if (const std::string why = why_not_callers(*now); !why.empty()) {
      return refuse(object, why, fix_command(object.path, *now));
    }
    const Circumstances then = once_mended(*now, closed_first_);
    if (!object.is_directory && !is_recognised(object)) {
      const bool is_shut_off = !(then.is_trusted == now->is_trusted && then.uid == now->uid);
      return refuse(object,
                    "its content was not recognised: " + reason_of(object) +
                        (is_shut_off ? "; run fix again once its directory is closed" : ""),
                    chmod_command(then, unread_mode_of(object, *now), input_.accounts));
    }
    if (const std::string why = why_not_taken(object, then, input_); !why.empty()) {
      return refuse(object, why, now->facts.permissions.uid == 0 ? "" : chown_command(then));
    }
    mend(object, then);
  }

  // A change closes an object as a whole: nobody would be asked about what is accepted.
  static std::string why_accepted(const Finding& finding) {
    const Exception& exception = *finding.exception;
    return exception.owner + " accepts " + finding.rule + " here until " + exception.expires +
           ", in " + exception.file + ": a change would end that";
  }

  // What was recognised is this inode's content.
  static bool is_what_was_looked_at(const MendedObject& object, const FileFacts& now) {
    if ((now.type == FileType::directory) != object.is_directory) return false;
    return std::ranges::all_of(object.subjects,
                               [&](const Subject* subject) { return subject->facts.id == now.id; });
  }

  std::string why_not_callers(const Circumstances& now) const {
    const std::uint32_t owner = now.facts.permissions.uid;
    if (input_.wishes.is_root || owner == input_.wishes.caller) return "";
    return "belongs to " + input_.accounts.user_name(owner) +
           ": only its owner and root may change it";
  }

  unsigned unread_mode_of(const MendedObject& object, const Circumstances& now) const {
    const unsigned mode = now.facts.permissions.mode;
    const Goal goal = goal_of(object, mode, {});
    return (mode & 0777U & goal.allowed_mode.value_or(0600)) | 0400U;
  }

  void mend(const MendedObject& object, const Circumstances& now) {
    Mending mending = mending_of(object, now, input_);
    if (!mending.why_left.empty()) {
      refuse(object.path, mending.left, mending.why_left, mending.command);
    }
    if (!mending.is_change()) {
      for (const Finding* finding : mending.mended) unchanged_.emplace_back(finding, now);
      return;
    }
    if ((mending.change.after.permissions.mode & others_write) == 0 &&
        now.facts.type == FileType::directory) {
      closed_first_.insert(now.facts.id);
    }
    plan_.changes.push_back(std::move(mending.change));
  }

  // An object that is itself as it should be, or is left, may owe a finding to a directory that is
  // now closed.
  void credit_directories() {
    for (const auto& [finding, now] : unchanged_) {
      if (credit_directory(plan_, *finding, now.facts, input_.accounts)) continue;
      refuse(finding->path, {finding},
             "its mode, owner and ACL are as they should be: closing it further does not mend this",
             "");
    }
    for (const MendedObject* object : refused_) {
      const Circumstances* now = inspected_.reached(object->path);
      if (now == nullptr) continue;
      for (const Finding* finding : object->findings) {
        const bool is_mended = complaint_of(finding->rule) == Complaint::writers &&
                               credit_directory(plan_, *finding, now->facts, input_.accounts);
        if (is_mended) drop_from_refusal(object->path, finding->rule);
      }
    }
  }

  void drop_from_refusal(const std::string& path, const std::string& rule) {
    for (Refusal& refusal : plan_.refusals) {
      if (refusal.path != path) continue;
      std::erase_if(refusal.leaves, [&](const MendedFinding& one) { return one.rule == rule; });
    }
  }

  void add_gaps() {
    for (const Gap& gap : input_.report.gaps) {
      const bool is_told = std::ranges::any_of(
          plan_.refusals, [&](const Refusal& refusal) { return refusal.path == gap.path; });
      if (!is_told) refuse(gap.path, {}, gap.why, "");
    }
  }

  bool is_advice(const Finding& finding) const {
    const std::set<std::string>& only = input_.wishes.only;
    if (!only.empty() && !only.contains(finding.rule)) return false;
    if (is_wanted_change(finding, input_.wishes) || told_.contains(&finding)) return false;
    if (finding.exception != nullptr) return false;
    return finding.fix != "none" || finding.severity > Severity::info;
  }

  void add_accepted() {
    const std::set<std::string>& only = input_.wishes.only;
    for (const Finding& finding : input_.report.findings) {
      const bool is_asked = only.empty() || only.contains(finding.rule);
      if (finding.exception == nullptr || !is_asked) continue;
      plan_.accepted.push_back({.finding = {.rule = finding.rule, .severity = finding.severity},
                                .path = finding.path,
                                .line = finding.line,
                                .exception = finding.exception});
    }
  }

  void add_advice() {
    for (const Finding& finding : input_.report.findings) {
      if (!is_advice(finding)) continue;
      plan_.advice.push_back({.finding = {.rule = finding.rule, .severity = finding.severity},
                              .path = finding.path,
                              .line = finding.line,
                              .title = finding.title,
                              .message = finding.message,
                              .steps = input_.steps(finding)});
    }
  }

  // What a user's link leads to is mended by its own name.
  void clear_links_to_changed() {
    for (Refusal& refusal : plan_.refusals) {
      const bool is_object =
          std::ranges::find(objects_, refusal.path, &MendedObject::path) != objects_.end();
      const Circumstances* now = is_object ? inspected_.reached(refusal.path) : nullptr;
      if (now == nullptr || now->link.empty()) continue;
      const auto change = std::ranges::find(plan_.changes, now->facts.id, &Change::id);
      if (change != plan_.changes.end()) refusal.leaves.clear();
    }
  }

  void sort() {
    std::ranges::sort(plan_.changes, {}, [](const Change& change) {
      return std::tuple_cat(std::tuple{change.is_users},
                            turn_of(change.type == FileType::directory, change.path));
    });
    std::ranges::sort(plan_.refusals, {},
                      [](const Refusal& refusal) { return std::tie(refusal.path, refusal.why); });
    std::ranges::stable_sort(plan_.accepted, {}, [](const Accepted& accepted) {
      return std::tie(accepted.path, accepted.line, accepted.finding.rule);
    });
    std::ranges::stable_sort(plan_.advice, [](const Advice& one, const Advice& other) {
      return std::tie(one.path, other.finding.severity, one.finding.rule, one.line) <
             std::tie(other.path, one.finding.severity, other.finding.rule, other.line);
    });
  }

  const PlanInput& input_;
  Inspected inspected_;
  std::vector<MendedObject> objects_;
  std::set<FileId> closed_first_;
  std::set<const Finding*> told_;  // By a refusal.
  std::vector<std::pair<const Finding*, Circumstances>> unchanged_;
  std::vector<const MendedObject*> refused_;
  Plan plan_;
};

}  // namespace

bool PlanWishes::names(const std::string& path) const {
  return std::ranges::any_of(
      named, [&](const std::string& directory) { return lies_in(path, directory); });
}

Plan plan_of(const PlanInput& input) {
  return Planner{input}.plan();
}

}  // namespace cfwarden
