#include "cfwarden/needs/unit_service.h"

#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/unit_file.h"
#include "cfwarden/needs/unit_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

// One assignment, as the row for its key sees it.
struct Setting {
  UnitService& service;
  const UnitSpecifiers& known;
  const UnitAssignment& assignment;
  const ServiceText& text;

  std::string_view value() const { return assignment.value; }
  std::optional<std::string> expanded(std::string_view word) const {
    return expand_specifiers(word, known);
  }
};

// Lists of a unit are short; a hostile one costs no more than this.
constexpr std::size_t max_list = 1024;

void append(std::vector<std::string>& list, std::string word) {
  if (list.size() < max_list) list.push_back(std::move(word));
}

enum class Taken { yes, refused };

constexpr std::array<std::string_view, 7> command_keys{"ExecCondition", "ExecStartPre", "ExecStart",
                                                       "ExecStartPost", "ExecReload",   "ExecStop",
                                                       "ExecStopPost"};

Taken take_command(const Setting& setting) {
  UnitService& service = setting.service;
  const std::string& key = setting.assignment.key;
  if (std::ranges::find(command_keys, key) == command_keys.end()) return Taken::yes;
  if (setting.value().empty()) {
    std::erase_if(service.commands, [&](const ServiceCommand& one) { return one.key == key; });
    return Taken::yes;
  }
  UnitCommands commands =
      commands_of(setting.value(), [&](std::string_view word) { return setting.expanded(word); });
  for (UnitCommand& command : commands.all) {
    if (service.commands.size() == max_list) break;
    service.commands.push_back({.key = key,
                                .command = std::move(command),
                                .text = &setting.text,
                                .line = setting.assignment.line});
  }
  return commands.is_refused ? Taken::refused : Taken::yes;
}

void take_environment(const Setting& setting) {
  if (setting.value().empty()) return setting.service.environment.clear();
  for (const std::string& word : words_of(setting.value(), {.escapes = Escapes::c})) {
    const std::optional<std::string> assignment = setting.expanded(word);
    if (!assignment || !is_utf8(*assignment)) continue;
    const std::size_t equals = assignment->find('=');
    if (equals == assignment->npos || !is_variable_name(assignment->substr(0, equals))) continue;
    if (setting.service.environment.size() == max_list) return;
    setting.service.environment[assignment->substr(0, equals)] = assignment->substr(equals + 1);
  }
}

void take_environment_file(const Setting& setting) {
  auto& files = setting.service.environment_files;
  if (setting.value().empty()) return files.clear();
  const std::optional<std::string> name = setting.expanded(setting.value());
  constexpr std::size_t max_files = 64;
  if (!name || files.size() == max_files) return;
  const bool may_be_missing = name->starts_with('-');
  const std::string path = name->substr(may_be_missing ? 1 : 0);
  if (!path.starts_with('/')) return;
  files.push_back({.path = lexical_path("/", path), .may_be_missing = may_be_missing});
}

// The words of a list, each with its specifiers replaced; "" empties the list.
void take_words(const Setting& setting, std::vector<std::string>& list) {
  if (setting.value().empty()) return list.clear();
  for (const std::string& word : words_of(setting.value(), {})) {
    std::optional<std::string> one = setting.expanded(word);
    if (one) append(list, std::move(*one));
  }
}

// As words, without quotes: systemd takes them for part of a group's name.
void take_groups(const Setting& setting) {
  std::vector<std::string>& groups = setting.service.more_groups;
  if (setting.value().empty()) return groups.clear();
  std::string_view rest = setting.value();
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find_first_of(unit_space));
    rest.remove_prefix(word.size());
    rest = strip_unit_space(rest);
    std::optional<std::string> group = setting.expanded(word);
    if (group) append(groups, std::move(*group));
  }
}

// One value; "" takes it back.
void take_text(const Setting& setting, std::string& text) {
  std::optional<std::string> value = setting.expanded(setting.value());
  if (value) text = std::move(*value);
}

void take_boolean(const Setting& setting, bool& is_set) {
  is_set = unit_boolean(setting.value()).value_or(is_set);
}

void take_home_protection(const Setting& setting) {
  const std::string_view value = setting.value();
  HomeProtection& protection = setting.service.home_protection;
  if (const std::optional<bool> is_full = unit_boolean(value)) {
    protection = *is_full ? HomeProtection::full : HomeProtection::none;
  } else if (value == "read-only") {
    protection = HomeProtection::read_only;
  } else if (value == "tmpfs") {
    protection = HomeProtection::tmpfs;
  }
}

void take_private_tmp(const Setting& setting) {
  // Since systemd 257 also "disconnected".
  setting.service.private_tmp = setting.value() == "disconnected" ||
                                unit_boolean(setting.value()).value_or(setting.service.private_tmp);
}

void take_private_users(const Setting& setting) {
  // Since systemd 257 also "self" and "identity"; the latter maps every id to itself.
  setting.service.private_users =
      setting.value() == "self" ||
      unit_boolean(setting.value()).value_or(setting.service.private_users);
}

void take_directory(const Setting& setting, std::string& directory) {
  if (setting.value().empty()) return directory.clear();
  std::optional<std::string> path = setting.expanded(setting.value());
  if (!path) return;
  if (path->starts_with('-')) path->erase(0, 1);
  if (*path == "~") directory = *path;
  if (path->starts_with('/')) directory = lexical_path("/", *path);
}

// As config_parse_capability_set: later lines add to earlier ones, "~" takes away.
CapabilitySet capabilities_of(std::string_view names) {
  CapabilitySet set;
  for (const std::string& name : words_of(names, {})) {
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(), [](char byte) {
      return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte;
    });
    if (upper == "CAP_DAC_OVERRIDE") {
      set.overrides = true;
    } else if (upper == "CAP_DAC_READ_SEARCH") {
      set.reads = true;
    } else {
      set.others = set.others || upper.starts_with("CAP_");
    }
  }
  return set;
}

CapabilitySet merged(const std::optional<CapabilitySet>& before, std::string_view value) {
  const bool is_inverted = value.starts_with('~');
  const CapabilitySet named = capabilities_of(is_inverted ? value.substr(1) : value);
  if (named.is_empty() || !before) {
    if (!is_inverted) return named;
    return {.overrides = !named.overrides, .reads = !named.reads, .others = true};
  }
  if (is_inverted) {
    return {.overrides = before->overrides && !named.overrides,
            .reads = before->reads && !named.reads,
            .others = before->others};
  }
  return {.overrides = before->overrides || named.overrides,
          .reads = before->reads || named.reads,
          .others = before->others || named.others};
}

void take_ambient(const Setting& setting) {
  CapabilitySet& ambient = setting.service.ambient;
  std::optional<CapabilitySet> before;
  if (!ambient.is_empty()) before = ambient;
  ambient = merged(before, setting.value());
}

// "[-]SOURCE[:DESTINATION[:OPTIONS]]", several on a line.
void take_binds(const Setting& setting) {
  auto& binds = setting.service.binds;
  if (setting.value().empty()) return binds.clear();
  for (const std::string& word : words_of(setting.value(), {.escapes = Escapes::retain})) {
    std::string_view rest = word;
    constexpr WordSyntax parts{.is_relaxed = true, .separators = ":", .keeps_empty = true};
    const TakenWord first = take_word(rest, parts);
    const TakenWord second = take_word(rest, parts);
    std::optional<std::string> source = setting.expanded(first.text);
    const auto destination = second.text.empty() ? source : setting.expanded(second.text);
    if (!source || !destination || binds.size() == max_list) continue;
    if (source->starts_with('-')) source->erase(0, 1);
    const std::string_view inside =
        std::string_view{*destination}.substr(destination->starts_with('-') ? 1 : 0);
    if (!source->starts_with('/') || !inside.starts_with('/')) continue;
    binds.push_back({.inside = lexical_path("/", inside), .outside = lexical_path("/", *source)});
  }
}

// "PATH[:OPTIONS]", several on a line.
void take_temporary(const Setting& setting) {
  auto& temporary = setting.service.temporary;
  if (setting.value().empty()) return temporary.clear();
  for (const std::string& word : words_of(setting.value(), {})) {
    const std::optional<std::string> path = setting.expanded(word.substr(0, word.find(':')));
    if (path && path->starts_with('/')) append(temporary, lexical_path("/", *path));
  }
}

// "DIRECTORY[:LINK]", several on a line: the directory counts.
void take_directories(const Setting& setting, std::vector<std::string>& list) {
  if (setting.value().empty()) return list.clear();
  for (const std::string& word : words_of(setting.value(), {})) {
    std::optional<std::string> path = setting.expanded(word.substr(0, word.find(':')));
    const bool is_name = path && !path->empty() && !path->starts_with('/');
    if (is_name && std::ranges::find(list, *path) == list.end()) append(list, std::move(*path));
  }
}

void replace_credential(std::vector<UnitCredential>& credentials, UnitCredential credential) {
  std::erase_if(credentials, [&](const UnitCredential& known) {
    return known.id == credential.id && known.source.empty() == credential.source.empty();
  });
  if (credentials.size() < max_list) credentials.push_back(std::move(credential));
}

bool is_loaded(const UnitCredential& credential) {
  return !credential.source.empty();
}

bool is_credential_name(std::string_view name) {
  return !name.empty() && name.find('/') == name.npos && name != "." && name != "..";
}

// "ID[:SOURCE]": without a source it is looked for under its own name.
void load_credential(const Setting& setting, bool is_plain) {
  auto& credentials = setting.service.credentials;
  if (setting.value().empty()) {
    std::erase_if(credentials, is_loaded);
    return;
  }
  const std::string_view value = setting.value();
  const std::size_t colon = std::min(value.find(':'), value.size());
  const std::optional<std::string> id = setting.expanded(value.substr(0, colon));
  const bool has_source = colon + 1 < value.size();
  const std::optional<std::string> source =
      has_source ? setting.expanded(value.substr(colon + 1)) : id;
  if (!id || !source || !is_credential_name(*id)) return;
  if (source->starts_with('/')) {
    replace_credential(credentials,
                       {.id = *id, .source = lexical_path("/", *source), .is_plain = is_plain});
  } else if (is_credential_name(*source)) {
    replace_credential(credentials, {.id = *id, .source = *source, .is_plain = is_plain});
  }
}

void set_credential(const Setting& setting) {
  auto& credentials = setting.service.credentials;
  if (setting.value().empty()) {
    std::erase_if(credentials, [](const UnitCredential& one) { return !is_loaded(one); });
    return;
  }
  const std::optional<std::string> id =
      setting.expanded(setting.value().substr(0, setting.value().find(':')));
  if (!id || !is_credential_name(*id)) return;
  replace_credential(credentials, {.id = *id, .source = "", .is_plain = false});
}

struct Row {
  std::string_view key;
  void (*take)(const Setting& setting);
};

constexpr std::array service_rows{
    Row{"Type", [](const Setting& s) { s.service.is_oneshot = s.value() == "oneshot"; }},
    Row{"Environment", take_environment},
    Row{"EnvironmentFile", take_environment_file},
    Row{"PassEnvironment", [](const Setting& s) { take_words(s, s.service.passed); }},
    Row{"UnsetEnvironment", [](const Setting& s) { take_words(s, s.service.unset); }},
    Row{"User", [](const Setting& s) { take_text(s, s.service.user); }},
    Row{"Group", [](const Setting& s) { take_text(s, s.service.group); }},
    Row{"SupplementaryGroups", take_groups},
    Row{"DynamicUser", [](const Setting& s) { take_boolean(s, s.service.dynamic_user); }},
    Row{"CapabilityBoundingSet",
        [](const Setting& s) { s.service.bounding = merged(s.service.bounding, s.value()); }},
    Row{"AmbientCapabilities", take_ambient},
    Row{"PrivateUsers", take_private_users},
    Row{"WorkingDirectory",
        [](const Setting& s) { take_directory(s, s.service.working_directory); }},
    Row{"RootDirectory", [](const Setting& s) { take_directory(s, s.service.root_directory); }},
    Row{"RootImage", [](const Setting& s) { s.service.has_root_image = !s.value().empty(); }},
    Row{"ProtectHome", take_home_protection},
    Row{"PrivateTmp", take_private_tmp},
    Row{"InaccessiblePaths", [](const Setting& s) { take_words(s, s.service.inaccessible); }},
    // Their names before systemd 231.
    Row{"InaccessibleDirectories", [](const Setting& s) { take_words(s, s.service.inaccessible); }},
    Row{"TemporaryFileSystem", take_temporary},
    Row{"BindPaths", take_binds},
    Row{"BindReadOnlyPaths", take_binds},
    Row{"LoadCredential", [](const Setting& s) { load_credential(s, true); }},
    Row{"LoadCredentialEncrypted", [](const Setting& s) { load_credential(s, false); }},
    Row{"ImportCredential", [](const Setting& s) { load_credential(s, true); }},
    Row{"SetCredential", set_credential},
    Row{"SetCredentialEncrypted", set_credential},
    Row{"StateDirectory",
        [](const Setting& s) { take_directories(s, s.service.state_directories); }},
    Row{"CacheDirectory",
        [](const Setting& s) { take_directories(s, s.service.cache_directories); }},
    Row{"LogsDirectory", [](const Setting& s) { take_directories(s, s.service.log_directories); }},
    Row{"ConfigurationDirectory",
        [](const Setting& s) { take_directories(s, s.service.configuration_directories); }},
    Row{"RuntimeDirectory",
        [](const Setting& s) { take_directories(s, s.service.runtime_directories); }},
};

Taken take(const Setting& setting) {
  const UnitAssignment& assignment = setting.assignment;
  if (assignment.section == "Service") {
    if (assignment.key.starts_with("Exec") && take_command(setting) == Taken::refused) {
      return Taken::refused;
    }
    const auto* row = std::ranges::find(service_rows, assignment.key, &Row::key);
    if (row != service_rows.end()) row->take(setting);
  } else if (assignment.section == "Unit" && assignment.key == "SourcePath") {
    take_text(setting, setting.service.source_path);
  } else if (assignment.section == "Install" && assignment.key == "DefaultInstance") {
    take_text(setting, setting.service.default_instance);
  }
  return Taken::yes;
}

}  // namespace

UnitService read_service(std::span<const ServiceText* const> files, const UnitSpecifiers& known) {
  UnitService service;
  for (const ServiceText* text : files) {
    const UnitFile file = read_unit_file(text->text);
    std::size_t refused_line = file.broken_line;
    for (const UnitAssignment& assignment : file.assignments) {
      const Setting setting{
          .service = service, .known = known, .assignment = assignment, .text = *text};
      if (take(setting) == Taken::yes) continue;
      refused_line = assignment.line;
      break;
    }
    // Of a drop-in counts what stands before.
    if (refused_line != 0 && text == files.front()) service.refused_line = refused_line;
  }
  return service;
}

std::optional<bool> unit_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 6> yes{"1", "yes", "y", "true", "t", "on"};
  constexpr std::array<std::string_view, 6> no{"0", "no", "n", "false", "f", "off"};
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  });
  if (std::ranges::find(yes, lower) != yes.end()) return true;
  if (std::ranges::find(no, lower) != no.end()) return false;
  return std::nullopt;
}

}  // namespace cfwarden
