#include "cfwarden/cli/audit_flags.h"

#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/model/words.h"
#include "cfwarden/rules/exception.h"

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

// The host's own exceptions accept nothing in another root, and an image none in itself.
Result<Done> read_exceptions(const AuditFlags& flags, PreparedAudit& prepared) {
  if (!flags.root.empty() && flags.exceptions.empty()) return Done{};
  const Result<std::vector<NamedBytes>> files = read_exception_files(
      flags.exceptions.empty() ? "" : absolute_path(flags.exceptions, PathBase::working_directory));
  if (!files) return files.error();
  for (const NamedBytes& file : *files) {
    Result<ExceptionPtr> exception = parse_exception(file.file, file.bytes);
    if (!exception) return exception.error();
    if (const Result<Done> known = check_rule((*exception)->rule, prepared.user_rules); !known) {
      return Error{file.file + ": key 'rule': " + known.error().what, 0};
    }
    prepared.exceptions.push_back(std::move(*exception));
  }
  return Done{};
}

Result<Done> choose_profile(const AuditFlags& flags, PreparedAudit& prepared) {
  const bool by_flag = !flags.profile.empty();
  const std::string& name = by_flag ? flags.profile : prepared.settings.profile;
  Result<std::optional<Profile>> profile = profile_named(name, flags.rules);
  if (!profile) {
    const std::string where = by_flag ? "--profile" : prepared.settings.file + ": profile";
    return Error{where + ": " + profile.error().what, 0};
  }
  prepared.profile = std::move(*profile);
  return Done{};
}

Result<Done> choose_severity(const AuditFlags& flags, PreparedAudit& prepared) {
  const bool by_flag = !flags.fail_on.empty();
  const std::string& word = by_flag ? flags.fail_on : prepared.settings.fail_on;
  AuditRequest& request = prepared.request;
  if (word.empty()) {
    if (prepared.profile) request.fail_on = prepared.profile->fail_on.value_or(request.fail_on);
    return Done{};
  }
  const auto severity =
      severity_of(word, by_flag ? "--fail-on" : prepared.settings.file + ": fail_on");
  if (!severity) return severity.error();
  request.fail_on = *severity;
  return Done{};
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
  command.text({.names = "--exceptions",
                .value = "DIR",
                .description = "Exceptions, instead of /etc/cfwarden/exceptions.d",
                .accepts = Accepts::not_empty},
               flags.exceptions);
  command.text({.names = "--profile",
                .value = "PROFILE",
                .description = "Severities for baseline, strict, container or repository",
                .variable = "CFWARDEN_PROFILE",
                .accepts = Accepts::not_empty},
               flags.profile);
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

Result<std::optional<Profile>> profile_named(const std::string& name, const std::string& rules) {
  if (name.empty()) return std::optional<Profile>{};
  if (is_profile_name(name)) {
    const auto file = read_profile_file(rules, name);
    if (!file) return file.error();
    if (*file) {
      Result<Profile> own = parse_profile((*file)->file, (*file)->bytes);
      if (!own) return own.error();
      return std::optional{std::move(*own)};
    }
  }
  if (name == baseline_profile) return std::optional<Profile>{};
  Result<Profile> built_in = find_profile(name);
  if (!built_in) return built_in.error();
  return std::optional{std::move(*built_in)};
}

Result<Done> check_rule(const std::string& id, std::span<const RuleSource> user_rules) {
  if (is_built_in_rule(id)) return Done{};
  const Result<std::vector<Rule>> rules = load_rules(user_rules, Extent::verdict);
  if (!rules) return rules.error();
  std::vector<std::string_view> known;
  for (const Rule& rule : *rules) known.push_back(rule.id);
  if (std::ranges::find(known, id) != known.end()) return Done{};
  const std::string close = did_you_mean(id, known);
  return Error{"there is no rule " + echo_of(id) +
                   (close.empty() ? "" : "; did you mean '" + close + "'?") +
                   "\nsee cfwarden rules list",
               0};
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

  if (const Result<Done> read = read_exceptions(flags, prepared); !read) return read.error();
  if (const Result<Done> chosen = choose_profile(flags, prepared); !chosen) return chosen.error();

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
  request.exceptions = prepared.exceptions;
  if (prepared.profile) request.profile = &*prepared.profile;
  request.confine = Confine::yes;
  return choose_severity(flags, prepared);
}

std::string color_wish(const AuditFlags& flags, const PreparedAudit& prepared) {
  if (!flags.color.empty()) return flags.color;
  return prepared.settings.color.empty() ? "auto" : prepared.settings.color;
}

}  // namespace cfwarden
