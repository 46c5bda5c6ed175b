// The repair as a pipeline: audit -> plan -> for each change: look again, record, change, record.
//
// Promises  a plan is made from an audit of this moment, never from a saved report, and changes
//           nothing: to print it is the dry run. carry_out() does what the plan says and no more;
//           each object is opened anew and judged again before it is touched.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/app/records.h"
#include "cfwarden/base/result.h"
#include "cfwarden/model/plan.h"
#include "cfwarden/remedy/plan.h"

#include <string>
#include <vector>

namespace cfwarden {

struct RepairRequest {
  AuditRequest audit;
  std::vector<std::string> only;  // Rules; empty for all.
  bool take_ownership = false;
  bool service_group = false;
  std::vector<std::string> arguments;  // For Repair::arguments.
};

struct PlannedRepair {
  Repair repair;  // Its plan; nothing is applied.
  Accounts accounts;
  std::string root;  // As of AuditRequest.
  FileId root_id;
  PlanWishes wishes;
};

// An Error: nothing was looked at. Code ENOTRECOVERABLE: /proc is not procfs.
Result<PlannedRepair> plan_repair(const RepairRequest& request, const RunRecords& records);

// `records` are open for changing. Stops with what is left when the process is interrupted. An
// Error: nothing was changed.
Result<Repair> carry_out(PlannedRepair planned, const RunRecords& records);

}  // namespace cfwarden
