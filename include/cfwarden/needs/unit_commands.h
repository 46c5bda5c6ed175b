// The commands of a service: ExecStart= and its kin, and the variables in them. Pure.
//
// Source    systemd.service(5) of systemd 252, tried against its own parser.
// Promises  bounded: no word over max_unit_word bytes, no command over max_unit_command.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_unit_word = 128 * 1024;
inline constexpr std::size_t max_unit_command = 1024 * 1024;

// Replaces specifiers; nullopt where the manager refuses the word.
using Expand = std::function<std::optional<std::string>(std::string_view)>;

struct UnitCommand {
  // The program first: what "@" puts in its place is left out.
  std::vector<std::string> argv;
  bool has_variables = true;    // No ":".
  bool is_privileged = false;   // "+": as root, outside of what hides paths.
  bool keeps_identity = false;  // "!": as root at first; its own business what it becomes.
};

struct UnitCommands {
  std::vector<UnitCommand> all;
  // The manager refuses the whole unit for this line; one with "-" it only ignores.
  bool is_refused = false;
};

// Of one ExecStart= or its like, several with ";" between them.
UnitCommands commands_of(std::string_view value, const Expand& expand);

using UnitEnvironment = std::map<std::string, std::string, std::less<>>;

// `$NAME` as a word of its own becomes any number of words, `${NAME}` stays in its word. What has
// outgrown its bounds is cut off there.
std::vector<std::string> with_variables(const std::vector<std::string>& argv,
                                        const UnitEnvironment& environment);

}  // namespace cfwarden
