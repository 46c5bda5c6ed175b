// The options that audit, sweep, explain and fix share, and how they become a request.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/cli/command_line.h"
#include "cfwarden/host/settings.h"

#include <string>
#include <vector>

namespace cfwarden {

struct AuditFlags {
  std::vector<std::string> paths;
  std::string root;
  std::string user;
  std::string rules;     // A directory instead of /etc/cfwarden/rules.d.
  std::string settings;  // --config FILE.
  std::vector<std::string> excludes;
  std::string fail_on;
  std::string color;
};

// Which host, by which rules and settings, and how to show it: what a sweep takes, too.
void add_host_flags(const Declaration& command, AuditFlags& flags);
void add_fail_on_flag(const Declaration& command, AuditFlags& flags);
// Where to look besides: all but --fail-on, which fix has no use for.
void add_look_flags(const Declaration& command, AuditFlags& flags);
void add_audit_flags(const Declaration& command, AuditFlags& flags);

// Everything a request borrows, kept alive beside it. Not moved once `request` is built.
struct PreparedAudit {
  Settings settings;
  Secret fingerprint_key;
  std::vector<RuleSource> user_rules;
  AuditRequest request;
};

// Reads settings, rules and key. An Error is a usage or configuration error.
Result<Done> prepare(const AuditFlags& flags, PreparedAudit& prepared);

// The colour wish: flag, then settings, then auto.
std::string color_wish(const AuditFlags& flags, const PreparedAudit& prepared);

}  // namespace cfwarden
