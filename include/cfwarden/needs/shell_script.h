// As much of a shell script as shows how cloudflared is started: simple commands, assignments,
// sourced files. Pure; nothing is run, no substitution but that of variables is made.
#pragma once

#include "cfwarden/needs/command_line.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ShellCommand {
  std::vector<std::string> argv;  // Variables replaced by what was assigned before, else by "".
  std::size_t line = 0;
};

struct ShellScript {
  std::vector<ShellCommand> commands;          // In order, those inside blocks and functions too.
  std::vector<EnvironmentVariable> variables;  // All that were assigned, as they stand at the end.
  std::vector<std::string> sourced;            // Of `.` and `source`, absolute ones.
};

// `given` are variables from elsewhere (conf.d, sysconfig). Bounded; the text may be anything.
ShellScript read_shell_script(std::string_view text,
                              const std::vector<EnvironmentVariable>& given = {});

// One line split into words as a POSIX shell does, without expansion but that of `variables`.
std::vector<std::string> shell_words(std::string_view text,
                                     const std::vector<EnvironmentVariable>& variables = {});

}  // namespace cfwarden
