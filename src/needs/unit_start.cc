#include "cfwarden/needs/unit_start.h"

#include "cfwarden/base/glob.h"
#include "cfwarden/base/path.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/id_map.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/unit_file.h"
#include "cfwarden/needs/unit_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::array<std::string_view, 4> credential_stores{
    "/etc/credstore", "/run/credstore", "/usr/local/lib/credstore", "/usr/lib/credstore"};

// Of all environment files of a unit: systemd could not start a program with more.
constexpr std::size_t max_environment_bytes = 4 * 1024 * 1024;

const Account* account_of(const ServiceHost& host, const std::string& user) {
  if (host.accounts == nullptr || user.empty()) return nullptr;
  const auto uid = decimal_id(user);
  return uid ? host.accounts->find_uid(*uid) : host.accounts->find_name(user);
}

// As whom DynamicUser= runs: a static account of the name is used where there is one.
std::string named_user(const LoadedUnit& unit) {
  if (!unit.service.user.empty() || !unit.service.dynamic_user) return unit.service.user;
  return unit.known.name.prefix;
}

bool is_dynamic(const LoadedUnit& unit, const ServiceHost& host) {
  return unit.service.dynamic_user && account_of(host, named_user(unit)) == nullptr;
}

bool is_root(const std::string& user) {
  return user.empty() || user == "root" || user == "0";
}

// ---- Variables ----

struct ServiceDirectory {
  std::string_view variable;
  const std::vector<std::string>& names;
  const std::string& root;
  bool is_private;  // Of a dynamic user it lies below "private" there.
};

std::array<ServiceDirectory, 5> directories_of(const LoadedUnit& unit) {
  const UnitService& service = unit.service;
  const UnitManager& manager = unit.known.manager;
  return {
      {{"STATE_DIRECTORY", service.state_directories, manager.state, true},
       {"CACHE_DIRECTORY", service.cache_directories, manager.cache, true},
       {"LOGS_DIRECTORY", service.log_directories, manager.logs, true},
       {"CONFIGURATION_DIRECTORY", service.configuration_directories, manager.configuration, false},
       {"RUNTIME_DIRECTORY", service.runtime_directories, manager.runtime, false}}};
}

UnitEnvironment own_variables(const LoadedUnit& unit, const ServiceHost& host) {
  const UnitManager& manager = unit.known.manager;
  UnitEnvironment variables;
  if (!manager.is_system) {
    variables["HOME"] = manager.home;
    variables["USER"] = manager.user;
    variables["LOGNAME"] = manager.user;
    variables["XDG_RUNTIME_DIR"] = manager.runtime;
  } else if (const Account* account = account_of(host, named_user(unit))) {
    variables["HOME"] = account->home;
    variables["USER"] = account->name;
    variables["LOGNAME"] = account->name;
  }
  if (!unit.service.credentials.empty()) {
    variables["CREDENTIALS_DIRECTORY"] = credentials_directory(unit.known);
  }
  for (const ServiceDirectory& directory : directories_of(unit)) {
    std::string joined;
    for (const std::string& name : directory.names) {
      if (!joined.empty()) joined += ':';
      joined += lexical_path(directory.root, name);
    }
    if (!joined.empty()) variables[std::string{directory.variable}] = joined;
  }
  return variables;
}

// A glob as glob(7) has it, in the words of our own: brackets stand for one byte.
std::string plain_glob(std::string_view pattern) {
  std::string plain;
  while (!pattern.empty()) {
    const std::size_t end = pattern.starts_with('[') ? pattern.find(']', 2) : pattern.npos;
    const char byte = end == pattern.npos ? pattern.front() : '?';
    if (byte != '*' || !plain.ends_with('*')) plain += byte;
    pattern.remove_prefix(end == pattern.npos ? 1 : end + 1);
  }
  return plain;
}

bool is_glob(std::string_view path) {
  return path.find_first_of("*?[") != path.npos;
}

// What can be asked for: `*` alone, in the last component.
std::string askable(const std::string& pattern) {
  std::string asked = pattern;
  std::ranges::replace(asked, '?', '*');
  return asked;
}

// The texts that a name of EnvironmentFile= stands for, in the order of their names.
std::vector<const ServiceText*> texts_of(const std::string& name, const LoadedUnit& unit,
                                         const ServiceHost& host,
                                         std::vector<std::string>& missing) {
  std::vector<const ServiceText*> texts;
  const auto may_see = [&](const ServiceText& text) {
    return unit.by->owner == 0 || text.owner == unit.by->owner;
  };
  if (!is_glob(name)) {
    const ServiceText* text = find_text(host, name);
    if (text == nullptr) {
      missing.push_back(name);
    } else if (may_see(*text)) {
      texts.push_back(text);
    }
    return texts;
  }
  const std::string pattern = plain_glob(name);
  if (!is_glob(directory_of(pattern))) missing.push_back(askable(pattern));
  for (const ServiceText& text : host.texts) {
    const bool is_file = text.link_target.empty();
    if (is_file && glob_matches(pattern, text.path) && may_see(text)) texts.push_back(&text);
  }
  return texts;
}

void unset(const std::string& word, UnitEnvironment& variables) {
  const std::size_t equals = word.find('=');
  const auto found = variables.find(word.substr(0, equals));
  if (found == variables.end()) return;
  if (equals == word.npos || found->second == word.substr(equals + 1)) variables.erase(found);
}

// ---- Identity ----

RunAs run_as_of(const LoadedUnit& unit, const UnitCommand& command, const ServiceHost& host) {
  const UnitService& service = unit.service;
  RunAs run_as;
  if (!unit.known.manager.is_system) {
    run_as.user = unit.known.manager.user;
    return run_as;
  }
  if (command.is_privileged) return run_as;
  const CapabilitySet everything{.overrides = true, .reads = true, .others = true};
  const CapabilitySet bounding = service.bounding.value_or(everything);
  if (!command.keeps_identity) {
    run_as.user = named_user(unit);
    run_as.group = service.group;
    run_as.more_groups = service.more_groups;
    run_as.dynamic = is_dynamic(unit, host);
    if (run_as.dynamic) run_as.user = service.user;
  }
  const bool runs_as_root = is_root(run_as.user) && !run_as.dynamic;
  // In a user namespace of its own a capability is worth nothing over the files of others.
  const bool keeps_none = service.private_users || !bounding.reads_everything();
  run_as.loses_capabilities = runs_as_root && keeps_none;
  const bool overrides = service.ambient.overrides && bounding.overrides;
  const bool reads = service.ambient.reads && bounding.reads;
  run_as.reads_everything = !runs_as_root && !service.private_users && (overrides || reads);
  return run_as;
}

std::string home_of(const LoadedUnit& unit, const UnitEnvironment& variables,
                    const UnitEnvironment& own, const RunAs& run_as) {
  const auto set = variables.find("HOME");
  const auto given = own.find("HOME");
  const bool is_set = set != variables.end() && !set->second.empty() &&
                      (given == own.end() || given->second != set->second);
  if (is_set) return set->second;
  if (!unit.known.manager.is_system) return unit.known.manager.home;
  return run_as.dynamic ? "/" : "";
}

std::string working_directory_of(const LoadedUnit& unit, const ServiceHost& host) {
  const UnitManager& manager = unit.known.manager;
  const std::string& directory = unit.service.working_directory;
  if (!manager.is_system) return directory.empty() || directory == "~" ? manager.home : directory;
  if (directory != "~") return directory;
  const std::string user = named_user(unit);
  if (const Account* account = account_of(host, user)) return account->home;
  return is_root(user) ? "/root" : "";
}

// ---- Paths ----

// "[-][+]PATH", of the host or below the root directory: as the service sees it; "" for neither.
std::string path_inside(std::string_view written, const std::string& root) {
  bool is_below_root = root.empty();
  if (written.starts_with('-')) written.remove_prefix(1);
  if (written.starts_with('+')) {
    written.remove_prefix(1);
    is_below_root = true;
  }
  if (!written.starts_with('/')) return {};
  const std::string path = lexical_path("/", written);
  if (is_below_root) return path;
  return lies_in(path, root) ? lexical_path("/", path.substr(root.size())) : std::string{};
}

void hide(std::vector<HiddenPath>& hidden, std::string_view path, std::string by) {
  hidden.push_back({.path = std::string{path}, .by = std::move(by)});
}

void hide_paths(const UnitService& service, bool is_dynamic_user, std::vector<HiddenPath>& hidden) {
  constexpr std::array<std::string_view, 3> homes{"/home", "/root", "/run/user"};
  const bool hides_homes = service.home_protection == HomeProtection::full ||
                           service.home_protection == HomeProtection::tmpfs;
  const bool is_tmpfs = service.home_protection == HomeProtection::tmpfs;
  if (hides_homes) {
    for (const auto home : homes)
      hide(hidden, home, is_tmpfs ? "ProtectHome=tmpfs" : "ProtectHome=yes");
  }
  if (service.private_tmp || is_dynamic_user) {
    const std::string by = service.private_tmp ? "PrivateTmp=yes" : "DynamicUser=yes";
    hide(hidden, "/tmp", by);
    hide(hidden, "/var/tmp", by);
  }
  for (const std::string& written : service.inaccessible) {
    const std::string path = path_inside(written, service.root_directory);
    if (!path.empty()) hide(hidden, path, "InaccessiblePaths=" + path);
  }
}

// What is bound below a path that cannot be entered is not there.
bool is_shut_off(const Mount& mount, const UnitService& service,
                 const std::vector<HiddenPath>& hidden) {
  return std::ranges::any_of(hidden, [&](const HiddenPath& one) {
    const bool is_shut =
        one.by.starts_with("InaccessiblePaths=") ||
        (one.by.starts_with("ProtectHome=") && service.home_protection == HomeProtection::full);
    return is_shut && mount.inside != one.path && lies_in(mount.inside, one.path);
  });
}

void place_paths(const LoadedUnit& unit, const UnitCommand& command, Start& start) {
  const UnitService& service = unit.service;
  // A user's own manager can do it in a user namespace only.
  if (!unit.known.manager.is_system && !service.private_users) return;
  start.root_directory = service.root_directory == "/" ? "" : service.root_directory;
  start.is_container = service.has_root_image;
  if (!command.is_privileged) hide_paths(service, service.dynamic_user, start.hidden);
  for (const std::string& path : service.temporary) {
    hide(start.hidden, path, "TemporaryFileSystem=" + path);
  }
  for (const Mount& bind : service.binds) {
    if (!is_shut_off(bind, service, start.hidden)) start.mounts.push_back(bind);
  }
  if (!start.run_as.dynamic) return;
  // The directories of a dynamic user lie where nobody else can enter.
  for (const ServiceDirectory& directory : directories_of(unit)) {
    if (!directory.is_private) continue;
    for (const std::string& name : directory.names) {
      const std::string outside = lexical_path(directory.root, "private/" + name);
      start.mounts.push_back({.inside = lexical_path(directory.root, name), .outside = outside});
      start.mounts.push_back({.inside = outside, .outside = outside});
    }
  }
}

// ---- Credentials ----

// A user's own manager reads the source as that user, as if the path were bound there.
void lay_out(const LoadedUnit& unit, const std::string& seen_as, const std::string& source,
             Start& start) {
  if (unit.known.manager.is_system) {
    start.loaded.push_back({.seen_as = seen_as, .source = source});
  } else if (!source.empty()) {
    start.mounts.push_back({.inside = seen_as, .outside = source});
  }
}

// Of the stores the first counts that has it, and what is set in the unit only where none has.
void lay_out(const LoadedUnit& unit, const UnitCredential& credential, const std::string& id,
             const std::string& source, Start& start) {
  const std::string seen_as = credentials_directory(unit.known) + "/" + id;
  if (!credential.is_plain) return lay_out(unit, seen_as, "", start);
  if (source.starts_with('/')) return lay_out(unit, seen_as, source, start);
  for (const std::string_view store : credential_stores) {
    lay_out(unit, seen_as, lexical_path(store, source), start);
  }
}

void load_credentials(const LoadedUnit& unit, Start& start) {
  for (const bool is_inline : {false, true}) {
    for (const UnitCredential& credential : unit.service.credentials) {
      if (credential.source.empty() != is_inline || is_glob(credential.id)) continue;
      lay_out(unit, credential, credential.id, credential.source, start);
    }
  }
}

void load_named(const LoadedUnit& unit, const std::string& id, Start& start) {
  const std::string seen_as = credentials_directory(unit.known) + "/" + id;
  const bool is_known =
      std::ranges::find(start.loaded, seen_as, &LoadedCredential::seen_as) != start.loaded.end() ||
      std::ranges::find(start.mounts, seen_as, &Mount::inside) != start.mounts.end();
  if (is_known) return;
  for (const UnitCredential& credential : unit.service.credentials) {
    const std::string in_directory = credential.id + "_";
    if (is_glob(credential.id) && glob_matches(credential.id, id)) {
      lay_out(unit, credential, id, id, start);
    } else if (id.starts_with(in_directory) && credential.source.starts_with('/')) {
      const std::string name = id.substr(in_directory.size());
      lay_out(unit, credential, id, lexical_path(credential.source, name), start);
    }
  }
}

}  // namespace

UnitVariables variables_of(const LoadedUnit& unit, const ServiceHost& host) {
  UnitVariables variables{.all = own_variables(unit, host)};
  for (const auto& [name, value] : unit.service.environment) variables.all[name] = value;
  for (const EnvironmentFileName& file : unit.service.environment_files) {
    if (is_glob(file.path)) variables.read_bytes += host.texts.size() * 64;
    for (const ServiceText* text : texts_of(file.path, unit, host, variables.missing)) {
      variables.read_bytes += text->text.size();
      if (variables.read_bytes > max_environment_bytes) return variables;
      variables.files.push_back(text->path);
      for (EnvironmentVariable& variable : read_environment_file(text->text)) {
        variables.all[variable.name] = std::move(variable.value);
      }
    }
  }
  for (const std::string& word : unit.service.unset) unset(word, variables.all);
  return variables;
}

Start surroundings_of(const LoadedUnit& unit, const UnitCommand& command,
                      const UnitEnvironment& variables, const ServiceHost& host) {
  constexpr std::array<std::string_view, 4> secret_variables{
      "TUNNEL_TOKEN", "TUNNEL_TOKEN_FILE", "TUNNEL_CRED_FILE", "TUNNEL_CRED_CONTENTS"};
  Start start{.source = StartSource::systemd};
  start.run_as = run_as_of(unit, command, host);
  start.home = home_of(unit, variables, own_variables(unit, host), start.run_as);
  start.working_directory = working_directory_of(unit, host);
  start.environment_elsewhere = std::ranges::any_of(secret_variables, [&](std::string_view name) {
    return !variables.contains(name) &&
           std::ranges::find(unit.service.passed, name) != unit.service.passed.end();
  });
  place_paths(unit, command, start);
  load_credentials(unit, start);
  return start;
}

void load_named_credentials(const LoadedUnit& unit, Start& start) {
  if (unit.service.credentials.empty()) return;
  const std::string directory = credentials_directory(unit.known) + "/";
  const Invocation& invocation = start.invocation;
  for (const std::string* path : {&invocation.config, &invocation.origin_certificate,
                                  &invocation.credentials_file, &invocation.token_file}) {
    if (path->starts_with(directory)) load_named(unit, path->substr(directory.size()), start);
  }
}

}  // namespace cfwarden
