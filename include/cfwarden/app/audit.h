// The audit as a pipeline: places -> candidates -> readings -> subjects -> findings -> Report.
//
// Promises  changes nothing on the audited host (it cannot: the floor below that could is not
// linked in).
//           What could not be looked at is a Gap. Two audits of an unchanged host are equal but for
//           `started`.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/rules/rule.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct AuditRequest {
  std::vector<std::string> paths;   // Empty: the default places.
  std::string root;                 // "" for the running host.
  std::string only_user;            // --user
  std::vector<std::string> places;  // More, from the settings.
  std::vector<std::string>
      excludes;  // Globs on reported paths; a directory's covers what is below.
  Severity fail_on = Severity::low;
  std::string_view hmac_key;
  std::function<void(std::size_t names)> progress;  // May be empty.
};

struct Audit {
  Report report;
  std::vector<Subject> subjects;  // For explain: what the findings were drawn from.
};

// An Error is a usage error: a PATH that does not exist, a --root that is no directory, an unknown
// --user.
Result<Audit> audit(const AuditRequest& request, const std::vector<Rule>& rules);

}  // namespace cfwarden
