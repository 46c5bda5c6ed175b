// Lines that fit a terminal. All text is expected to be printable() already.
//
// Promises  no line is wider than asked. A continued line stands deeper than any line that begins
//           something, so that a long name cannot forge one. No line is a command to GitHub's
//           runner: what would be one in a name is escaped.
#pragma once

#include "cfwarden/output/format.h"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// The columns there are: the terminal's, but never under 40 or over 100.
std::size_t columns_of_screen(const Terminal& terminal);

// printable() in the terminal's charset.
std::string shown(std::string_view bytes, const Terminal& terminal);

// Cut at spaces, which go; a word that is too long is cut where the line ends.
std::vector<std::string> wrapped(std::string_view text, std::size_t first_columns,
                                 std::size_t next_columns);

// Cut only where the line ends, nothing left out: put together again, it is the text (but for
// that escape).
std::vector<std::string> cut(std::string_view text, std::size_t first_columns,
                             std::size_t next_columns);

std::string padded(std::string text, std::size_t columns);

// `word`, `columns` wide, in a colour (of SGR: "31") where the terminal has any.
std::string painted(std::string_view word, std::size_t columns, std::string_view sgr,
                    const Terminal& terminal);

// `lead` stands `lead_columns` wide before the first line; the next ones begin `hang` deep.
struct Hanging {
  std::string lead;
  std::size_t lead_columns = 0;
  std::size_t hang = 0;
};
void print_hanging(const Hanging& hanging, std::string_view text, const Terminal& terminal,
                   std::ostream& out);

// A path (or a path and its line) on lines of its own, whole, so that it can be copied: `indent`
// deep, else two, and only cut where even that is too narrow.
void print_path(std::string_view path, std::size_t indent, const Terminal& terminal,
                std::ostream& out);

}  // namespace cfwarden
