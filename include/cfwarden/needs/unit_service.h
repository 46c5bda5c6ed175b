// What the files of one unit say in [Service] (and a little beside it), all of them taken together.
// Pure: no variable is replaced yet, nothing outside of the unit is looked at.
//
// Source    systemd.exec(5) and systemd.service(5) of systemd 252.
//
// To add a setting: a row in unit_service.cc.
#pragma once

#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/unit_commands.h"
#include "cfwarden/needs/unit_specifiers.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ServiceCommand {
  std::string key;  // "ExecStart", "ExecStartPre" ...
  UnitCommand command;
  const ServiceText* text = nullptr;  // Where it stands.
  std::size_t line = 0;
};

struct EnvironmentFileName {
  std::string path;  // A glob, maybe.
  bool may_be_missing = false;
};

// LoadCredential= and its kin.
struct UnitCredential {
  std::string id;        // Of ImportCredential= a glob.
  std::string source;    // Absolute, or a name to look for in the credential stores; "" for inline.
  bool is_plain = true;  // Not encrypted, and no text in the unit.
};

// The two capabilities that open every file; whether any other is meant matters to the arithmetic.
struct CapabilitySet {
  bool overrides = false;
  bool reads = false;
  bool others = false;

  bool is_empty() const { return !overrides && !reads && !others; }
  bool reads_everything() const { return overrides || reads; }
};

enum class HomeProtection { none, read_only, tmpfs, full };

struct UnitService {
  std::vector<ServiceCommand> commands;
  // A line of the fragment for which systemd does not load the unit; 0 for none.
  std::size_t refused_line = 0;
  bool is_oneshot = false;

  UnitEnvironment environment;
  std::vector<EnvironmentFileName> environment_files;
  std::vector<std::string> passed;  // Names, from the manager's own.
  std::vector<std::string> unset;   // Names, or NAME=value.

  std::string user;
  std::string group;
  std::vector<std::string> more_groups;
  bool dynamic_user = false;
  std::optional<CapabilitySet> bounding;
  CapabilitySet ambient;
  bool private_users = false;

  std::string working_directory;  // "~" for the home of the user.
  std::string root_directory;
  bool has_root_image = false;
  HomeProtection home_protection = HomeProtection::none;
  bool private_tmp = false;
  std::vector<std::string> inaccessible;  // As written: "+" in front is below the root directory.
  std::vector<std::string> temporary;
  std::vector<Mount> binds;

  std::vector<UnitCredential> credentials;
  std::vector<std::string> state_directories;
  std::vector<std::string> cache_directories;
  std::vector<std::string> log_directories;
  std::vector<std::string> configuration_directories;
  std::vector<std::string> runtime_directories;

  std::string source_path;       // What a generator made it from.
  std::string default_instance;  // Of a template.
};

// `files` are the fragment and the drop-ins in their order.
UnitService read_service(std::span<const ServiceText* const> files, const UnitSpecifiers& known);

// "yes", "on", "1" ...
std::optional<bool> unit_boolean(std::string_view text);

}  // namespace cfwarden
