// Named lists of steps that several rules end in: how a secret is rotated or revoked.
//
// A procedure has steps of its own, which may name procedures that stand before it, or says which
// other one holds for each kind of credential.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/rules/rule.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfwarden {

struct Procedure {
  std::string name;
  std::vector<std::string> steps;  // Empty when it differs by kind.
  // Instead of these, the first that holds: where the fact managed_by names somebody; where
  // placement says that the file is more than the credential; in a unit of systemd; where
  // locked_out names somebody; where start_source says that it is for a container.
  std::vector<std::string> managed;
  std::vector<std::string> embedded;
  std::vector<std::string> unit;
  std::vector<std::string> locking;
  std::vector<std::string> container;
  std::string lead;                                          // Then: the step before the kind's.
  std::vector<std::pair<std::string, std::string>> by_kind;  // Kind and procedure.
};

// rules/procedures/procedures.json, which the program carries.
BuiltInRule built_in_procedures();

Result<std::vector<Procedure>> parse_procedures(std::string_view file, std::string_view bytes);

// "" when a step of a rule names a known procedure, or can be filled; else what is wrong.
std::string step_problem(std::string_view step);

}  // namespace cfwarden
