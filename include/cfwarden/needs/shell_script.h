// As much of a shell script as shows how cloudflared is started: simple commands, assignments,
// sourced files. Pure; nothing is run, no substitution but that of variables is made.
//
// Promises  linear in the text, and its output bounded whatever variables do to each other: what
//           comes after the bounds is left out.
#pragma once

#include "cfwarden/needs/command_line.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_shell_commands = 4096;
inline constexpr std::size_t max_shell_bytes = std::size_t{1} << 20;  // Of all words together.

struct ShellCommand {
  // Variables replaced by what was assigned before, else by "": a word that is nothing but unknown
  // stays as "". Assignments in front of a command stay its first words.
  std::vector<std::string> argv;
  std::size_t line = 0;
};

struct ShellScript {
  std::vector<ShellCommand> commands;          // In order, those inside blocks and functions too.
  std::vector<EnvironmentVariable> variables;  // All that were assigned, as they stand at the end.
  std::vector<EnvironmentVariable> exported;   // Of these and the given ones, what commands get.
  std::vector<std::string> sourced;            // Of `.` and `source`, absolute ones.
};

// A file that a script takes in: its text, nullopt where there is none.
using SourcedText = std::function<std::optional<std::string_view>(const std::string& path)>;

// `given` are variables from elsewhere (conf.d, sysconfig, the environment) and exported; "0" is
// the script's own name. What `sources` knows is read where the script takes it in.
ShellScript read_shell_script(std::string_view text,
                              const std::vector<EnvironmentVariable>& given = {},
                              const SourcedText& sources = {});

// One line split into words as a POSIX shell does, without expansion but that of `variables`, and
// without operators and comments.
std::vector<std::string> shell_words(std::string_view text,
                                     const std::vector<EnvironmentVariable>& variables = {});

}  // namespace cfwarden
