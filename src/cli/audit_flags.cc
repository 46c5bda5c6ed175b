#include "cfwarden/cli/audit_flags.h"

#include "cfwarden/cli/arguments.h"
#include "cfwarden/model/words.h"

#include <CLI/CLI.hpp>
#include <iterator>

namespace cfwarden {
namespace {

// Of a severity that can fail a run: info never does.
Result<Severity> severity_of(const std::string& word, const std::string& where) {
  const auto severity = from_name<Severity>(word);
  if (severity && *severity != Severity::info) return *severity;
  return Error{where + ": allowed are low, medium, high, critical", 0};
}

// --root "$UNSET" must not become the running host.
std::string not_empty(const std::string& value) {
  return value.empty() ? "its value is empty; an unset variable?" : "";
}

}  // namespace

void add_audit_flags(CLI::App& command, AuditFlags& flags) {
  command.add_option("--root", flags.root, "Audit an unpacked image or mounted disk")
      ->type_name("DIR")
      ->check(not_empty);
  command.add_option("--user", flags.user, "Only this account's default directories")
      ->type_name("NAME")
      ->check(not_empty);
  command.add_option("--rules", flags.rules, "Rules to add, instead of /etc/cfwarden/rules.d")
      ->type_name("DIR")
      ->check(not_empty);
  command
      .add_option("--config", flags.settings, "Settings, instead of /etc/cfwarden/cfwarden.toml")
      ->type_name("FILE")
      ->check(not_empty);
  command.add_option("--exclude", flags.excludes, "Leave these paths out; may be repeated")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  command.add_option("--fail-on", flags.fail_on, "Exit 1 from this severity up (default: low)")
      ->envname("CFWARDEN_FAIL_ON")
      ->type_name("SEVERITY");
  command.add_option("--color", flags.color, "auto, always or never")
      ->envname("CFWARDEN_COLOR")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
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
