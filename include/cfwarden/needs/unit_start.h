// From what a unit says to what a command of it meets when it runs: variables, identity, paths that
// are hidden, bound or loaded. Pure.
//
// Source    systemd.exec(5) of systemd 252.
#pragma once

#include "cfwarden/needs/unit_service.h"

#include <cstddef>
#include <string>
#include <vector>

namespace cfwarden {

// One unit, loaded.
struct LoadedUnit {
  UnitService service;
  UnitSpecifiers known;
  // Whoever may have written any part of it: one of its texts, a user's before root's.
  const ServiceText* by = nullptr;
};

struct UnitVariables {
  UnitEnvironment all;
  std::vector<std::string> files;    // Of EnvironmentFile=, those among the texts.
  std::vector<std::string> missing;  // Names and globs that may have more.
  std::size_t read_bytes = 0;        // What it cost.
};

UnitVariables variables_of(const LoadedUnit& unit, const ServiceHost& host);

// Everything of a Start that does not follow from the command line: not who, files and invocation.
Start surroundings_of(const LoadedUnit& unit, const UnitCommand& command,
                      const UnitEnvironment& variables, const ServiceHost& host);

// A directory, or a glob of ImportCredential=, is laid out as several files: adds those that the
// invocation names.
void load_named_credentials(const LoadedUnit& unit, Start& start);

}  // namespace cfwarden
