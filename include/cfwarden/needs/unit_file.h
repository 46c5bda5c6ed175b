// The syntax of systemd's unit files and of its environment files. Pure.
//
// Source    systemd.syntax(7) and systemd.exec(5) of systemd 252, tried against its own parser:
//           comments inside continued lines, a blank line that ends them, lines that end in LF, CR,
//           CRLF or NUL.
// Promises  linear in the text, which may be anything; at most max_unit_assignments.
#pragma once

#include "cfwarden/needs/command_line.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_unit_assignments = 16384;

struct UnitAssignment {
  std::string section;
  std::string key;
  std::string value;     // Continued lines joined; quotes, escapes and specifiers as they stand.
  std::size_t line = 0;  // 1-based, where the assignment begins.
};

struct UnitFile {
  std::vector<UnitAssignment> assignments;
  // Where systemd stops reading: a section that is not closed, a line that is not UTF-8. It does
  // not load such a unit, and takes of such a drop-in what stands before. 0 for none.
  std::size_t broken_line = 0;
};

UnitFile read_unit_file(std::string_view text);

// What EnvironmentFile= makes of a file. Names that no variable can have are left out.
std::vector<EnvironmentVariable> read_environment_file(std::string_view text);

// [A-Za-z_][A-Za-z0-9_]*
bool is_variable_name(std::string_view name);

bool is_utf8(std::string_view text);

// White space of systemd's syntax taken off both ends.
std::string_view strip_unit_space(std::string_view text);

inline constexpr std::string_view unit_space = " \t\n\r";

}  // namespace cfwarden
