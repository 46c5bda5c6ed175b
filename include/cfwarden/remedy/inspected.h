// The objects of a plan as they are at this moment, each asked for once.
#pragma once

#include "cfwarden/remedy/circumstances.h"
#include "cfwarden/remedy/objects.h"
#include "cfwarden/remedy/plan.h"

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace cfwarden {

class Inspected {
 public:
  explicit Inspected(const PlanInput& input) : input_{input} {}

  // Borrowed as long as this lives; an Error's words where it cannot be reached.
  const std::variant<Circumstances, std::string>& at(const std::string& path);
  const Circumstances* reached(const std::string& path);  // nullptr where it cannot be.

 private:
  const PlanInput& input_;
  std::map<std::string, std::variant<Circumstances, std::string>> known_;
};

// An inode with one name that is reached by several paths, as through a link of root's, becomes one
// object, at the first.
void merge_names_of_one_inode(std::vector<MendedObject>& objects, Inspected& inspected);

// Default directories above the objects that others can write in are closed before these, whether
// or not a rule fired on them.
void add_directories_to_close_first(std::vector<MendedObject>& objects, Inspected& inspected,
                                    const PlanInput& input);

}  // namespace cfwarden
