// What becomes of one object that may be changed: the change, and what it has to leave. Pure.
#pragma once

#include "cfwarden/remedy/circumstances.h"
#include "cfwarden/remedy/objects.h"

#include <string>
#include <vector>

namespace cfwarden {

struct Mending {
  Change change;                       // Nothing to do where its attributes stay as they are.
  std::vector<const Finding*> mended;  // By the change, or by a directory above.
  std::vector<const Finding*> left;    // Those that stay, for the reason below.
  std::string why_left;                // "" where nothing is left.
  std::string command;                 // What the person can run instead.

  bool is_change() const { return change.before != change.after; }
};

Mending mending_of(const MendedObject& object, const Circumstances& now, const PlanInput& input);

// Why an object that has an unexpected owner is left alone, as a clause; "" where it has none or is
// to be given to root.
std::string why_not_taken(const MendedObject& object, const Circumstances& now,
                          const PlanInput& input);

}  // namespace cfwarden
