// What a plan is about: findings and subjects, gathered by the object on disk. Pure.
#pragma once

#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/remedy/goal.h"
#include "cfwarden/remedy/plan.h"

#include <span>
#include <string>
#include <vector>

namespace cfwarden {

// All that stands at one path. Borrows subjects and findings.
struct MendedObject {
  std::string path;
  bool is_directory = false;
  // A default directory above another object, that others can write in: it is closed first, though
  // perhaps no rule fired on it.
  bool closes_first = false;
  std::vector<const Subject*> subjects;
  std::vector<const Finding*> findings;     // That mode, owner or ACL may mend, and are wanted.
  const Finding* stray_finding = nullptr;   // That its owner is unexpected; wanted or not.
  std::string expected_owner;               // Then.
  std::vector<const Finding*> other_names;  // That it has more than one name.
  std::vector<const Finding*> excepted;     // That a change would mend, and somebody accepts.
};

// By path. Objects that only have something in the way of every change, a second name or a user's
// link, are among them without findings.
std::vector<MendedObject> objects_to_mend(const PlanInput& input);

// Whether it is a finding that a change of an object could mend, that nobody accepts, and that the
// wishes ask for.
bool is_wanted_change(const Finding& finding, const PlanWishes& wishes);

// A directory without findings, to be closed first.
MendedObject directory_to_close_first(const std::string& path, const PlanInput& input);

Goal goal_of(const MendedObject& object, unsigned mode, const PlanWishes& wishes);

// Something at it was read and understood: not all of it is malformed or could not be opened.
bool is_recognised(const MendedObject& object);
// Why its content was not.
std::string reason_of(const MendedObject& object);

// All credentials at it run one tunnel and no more, and there is one.
bool runs_tunnels_only(const MendedObject& object);
bool holds_secret(std::span<const Subject* const> subjects);

// Rule and severity, each once, worst first.
std::vector<MendedFinding> mended(std::span<const Finding* const> findings);
void add_mended(std::vector<MendedFinding>& all, const Finding& finding);

}  // namespace cfwarden
