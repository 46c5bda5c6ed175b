// The audit as a pipeline: places -> files -> readings -> subjects -> findings -> Report.
//
// Promises  changes nothing on the audited host: no code below this floor's audit can. What could
//           not be looked at is a Gap. Two audits of an unchanged host are equal but for `started`.
//           Nothing of the running host stands in the report of another root but the tool and euid.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/rules/rule.h"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// Whether this process gives up network, exec and their like for good once accounts are known.
enum class Confine { no, yes };

struct AuditRequest {
  std::vector<std::string> paths;  // Absolute; empty: the default places.
  std::string root;                // "" for the running host, else a directory other than "/".
  std::string only_user;           // --user; "" for all.
  std::vector<std::string> more_places;  // Of the settings; absolute, absent ones are no error.
  std::vector<std::string>
      excludes;  // Globs on reported paths; a directory's covers what is below it.
  Severity fail_on = Severity::low;
  std::string_view hmac_key;  // For fingerprints; "" for none.
  std::span<const RuleSource> user_rules;
  std::span<const ExceptionPtr> exceptions;
  const Profile* profile = nullptr;  // Null: what the rules say of themselves.
  Confine confine = Confine::no;
  std::function<void(std::size_t names_so_far)> progress;  // May be empty.
};

struct Audit {
  Report report;
  std::vector<Subject> subjects;  // What the findings were drawn from.
  std::vector<Rule> rules;        // Empty when nothing was there to judge.
  Accounts accounts;              // Of the audited host.
  bool of_one_account = false;    // --user: the places of the others were left out.
};

// An Error means that nothing was looked at: a path that does not exist, a root that is no
// directory, an unknown user, a rule file that is wrong.
Result<Audit> audit(const AuditRequest& request);

}  // namespace cfwarden
