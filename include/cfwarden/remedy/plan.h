// Findings and needs -> Plan. The decisions of fix, all of them; pure.
//
// Promises  a plan never widens (attributes.h), never takes from a service that only root controls
//           what it reads now, and has nothing left to change once it was carried out. Needs that
//           an ordinary user controls refuse, grant and keep nothing. An object appears once: all
//           that is wrong with it is mended by one change.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/model/plan.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/remedy/circumstances.h"

#include <functional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace cfwarden {

struct PlanWishes {
  std::set<std::string> only;   // Rules; empty for all.
  bool take_ownership = false;  // A stray owner becomes root, in trusted places.
  bool service_group = false;   // The gid becomes a service's own, in trusted places.
  std::set<std::string> named;  // PATH arguments: remote file systems are no obstacle below them.
  bool is_root = true;          // Else nothing but the caller's own objects can be changed.
  std::uint32_t caller = 0;

  bool names(const std::string& path) const;  // Itself, or a directory above it.
};

// What the planner asks the host for: an object as it is now, or why it cannot be reached. Asked
// once for each path.
using Inspect = std::function<std::variant<Circumstances, std::string>(const std::string& path)>;

// The steps of a finding's rule, filled for its subject.
using Steps = std::function<std::vector<std::string>(const Finding& finding)>;

struct PlanInput {
  std::span<const Subject> subjects;
  const Report& report;  // Its findings are what there is to mend, its gaps become refusals.
  const Accounts& accounts;
  const PlanWishes& wishes;
  Inspect inspect;
  Steps steps;
};

Plan plan_of(const PlanInput& input);

}  // namespace cfwarden
