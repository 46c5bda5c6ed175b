// Programs that run another program: env, nice, sudo, su -c, chpst, start-stop-daemon... One layer
// at a time. Pure.
//
// To add one: a row in wrapper.cc where options and operands say it all, else a function there.
#pragma once

#include "cfwarden/needs/command_line.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct UnwrappedCommand {
  std::vector<std::string> argv;  // What is run; empty where it is `script`.
  std::string script;             // Text for a shell: of `sh -c`.
  std::string user;               // "" where it stays the same.
  std::string group;
  std::string working_directory;
  std::vector<EnvironmentVariable> variables;  // "" for one that is taken away.
  bool clears_environment = false;
  std::string environment_directory;  // "" for none.
};

// nullopt when argv[0] wraps nothing.
std::optional<UnwrappedCommand> unwrap(std::span<const std::string> argv);

// sh, bash, ash...: by its name.
bool is_shell(std::string_view program);

// "NAME=value", as it may stand in front of a command.
std::optional<EnvironmentVariable> assignment_of(std::string_view word);

}  // namespace cfwarden
