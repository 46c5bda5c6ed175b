// The options that audit, sweep, explain and fix share, and how they become a request.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/cli/command_line.h"
#include "cfwarden/host/settings.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct AuditFlags {
  std::vector<std::string> paths;
  std::string root;
  std::string user;
  std::string rules;       // A directory instead of /etc/cfwarden/rules.d.
  std::string exceptions;  // A directory instead of /etc/cfwarden/exceptions.d.
  std::string profile;
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
  std::vector<ExceptionPtr> exceptions;
  std::optional<Profile> profile;  // None: what the rules say of themselves.
  AuditRequest request;
};

// The profile of that name, from beside those rules or built in; "" and "baseline" are none.
Result<std::optional<Profile>> profile_named(const std::string& name, const std::string& rules);

// There is such a rule, built in or of these files; else an Error that says which one was meant.
Result<Done> check_rule(const std::string& id, std::span<const RuleSource> user_rules);

// Reads settings, rules, exceptions, profile and key. An Error is a usage or configuration error.
Result<Done> prepare(const AuditFlags& flags, PreparedAudit& prepared);

// The colour wish: flag, then settings, then auto.
std::string color_wish(const AuditFlags& flags, const PreparedAudit& prepared);

}  // namespace cfwarden
