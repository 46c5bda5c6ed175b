#include "cfwarden/cli/audit_flags.h"

#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/model/words.h"

#include <algorithm>
#include <iterator>

namespace cfwarden {
namespace {

// Of a severity that can fail a run: info never does.
Result<Severity> severity_of(const std::string& word, const std::string& where) {
  const auto severity = from_name<Severity>(word);
  if (severity && *severity != Severity::info) return *severity;
  return Error{where + ": allowed are low, medium, high, critical", 0};
}

}  // namespace

// --root "$UNSET" must not become the running host.
void add_host_flags(const Declaration& command, AuditFlags& flags) {
  command.text({.names = "--root",
                .value = "DIR",
                .description = "An unpacked image or a mounted disk, instead of this machine",
                .accepts = Accepts::not_empty},
               flags.root);
  command.text({.names = "--rules",
                .value = "DIR",
                .description = "Rules to add, instead of /etc/cfwarden/rules.d",
                .accepts = Accepts::not_empty},
               flags.rules);
  command.text({.names = "--config",
                .value = "FILE",
                .description = "Settings, instead of /etc/cfwarden/cfwarden.toml",
                .accepts = Accepts::not_empty},
               flags.settings);
  command.texts({.names = "--exclude",
                 .value = "GLOB",
                 .description = "Leave these paths out; may be repeated"},
                flags.excludes);
  Option color = color_option();
  color.variable = "CFWARDEN_COLOR";
  command.text(color, flags.color);
}

void add_look_flags(const Declaration& command, AuditFlags& flags) {
  add_host_flags(command, flags);
  command.text({.names = "--user",
                .value = "NAME",
                .description = "Only this account's default directories",
                .accepts = Accepts::not_empty},
               flags.user);
}

void add_fail_on_flag(const Declaration& command, AuditFlags& flags) {
  command.text({.names = "--fail-on",
                .value = "SEVERITY",
                .description = "Exit 1 from this severity up (default: low)",
                .variable = "CFWARDEN_FAIL_ON"},
               flags.fail_on);
}

void add_audit_flags(const Declaration& command, AuditFlags& flags) {
  add_look_flags(command, flags);
  add_fail_on_flag(command, flags);
}

Result<Done> prepare(const AuditFlags& flags, PreparedAudit& prepared) {
  // The host's own settings say nothing about another root.
  const SettingsScope scope = flags.root.empty() ? SettingsScope::host : SettingsScope::named_only;
  Result<Settings> settings = read_settings(flags.settings, scope);
  if (!settings) return settings.error();
  prepared.settings = std::move(*settings);

  Result<Secret> key = read_fingerprint_key();
  if (!key) return key.error();
  prepared.fingerprint_key = std::move(*key);

  Result<std::vector<NamedBytes>> files = read_rule_files(flags.rules);
  if (!files) return files.error();
  for (NamedBytes& file : *files) {
    prepared.user_rules.push_back({std::move(file.file), std::move(file.bytes)});
  }

  AuditRequest& request = prepared.request;
  const PathBase base = flags.root.empty() ? PathBase::working_directory : PathBase::root;
  for (const std::string& path : flags.paths) {
    if (path.empty()) return Error{"PATH is empty; an unset variable?", 0};
    request.paths.push_back(absolute_path(path, base));
  }
  if (!flags.root.empty()) {
    request.root = absolute_path(flags.root, PathBase::working_directory);
    if (request.root == "/") request.root.clear();
  }
  request.only_user = flags.user;
  request.more_places = prepared.settings.places;
  request.excludes = prepared.settings.excludes;
  std::ranges::copy(flags.excludes, std::back_inserter(request.excludes));
  request.hmac_key = prepared.fingerprint_key.reveal();
  request.user_rules = prepared.user_rules;
  request.confine = Confine::yes;

  const bool by_flag = !flags.fail_on.empty();
  const std::string& word = by_flag ? flags.fail_on : prepared.settings.fail_on;
  if (word.empty()) return Done{};
  const auto severity =
      severity_of(word, by_flag ? "--fail-on" : prepared.settings.file + ": fail_on");
  if (!severity) return severity.error();
  request.fail_on = *severity;
  return Done{};
}

std::string color_wish(const AuditFlags& flags, const PreparedAudit& prepared) {
  if (!flags.color.empty()) return flags.color;
  return prepared.settings.color.empty() ? "auto" : prepared.settings.color;
}

}  // namespace cfwarden
