#include "cfwarden/output/layout.h"

#include "cfwarden/base/concealed.h"

#include <algorithm>
#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t narrowest = 40;
constexpr std::size_t widest = 100;
constexpr std::size_t least_room = 8;  // For text behind a lead that leaves no room.
constexpr std::size_t path_indent = 2;
constexpr std::size_t path_hang = 10;

// The bytes of the code point at the start of valid, non-empty UTF-8.
std::size_t code_point_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    ++length;
  }
  return length;
}

// The bytes of the longest start of `text` that fits; at least one code point.
std::size_t fitting_bytes(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  std::size_t taken = 0;
  while (bytes < text.size()) {
    const std::size_t length = code_point_length(text.substr(bytes));
    taken += columns_of(text.substr(bytes, length));
    if (taken > columns && bytes > 0) break;
    bytes += length;
  }
  return bytes;
}

std::size_t room(std::size_t columns, std::size_t taken) {
  return columns > taken + least_room ? columns - taken : least_room;
}

// Where to end a line of `fitting` bytes: before the last space in it, if there is one.
std::size_t line_end(std::string_view text, std::size_t fitting) {
  if (fitting == text.size() || text[fitting] == ' ') return fitting;
  const auto space = text.substr(0, fitting).find_last_of(' ');
  return space == std::string_view::npos || space == 0 ? fitting : space;
}

// What GitHub's runner, which shows this in a log, takes for a command at the beginning of a line
// (the blanks before it do not count) is escaped as printable() would.
void defuse_line(std::string& text, std::size_t begin) {
  if (text.compare(begin, 2, "::") == 0) text.replace(begin, 1, "\\x3a");
}

// The older form of such a command, which counts wherever in a line it stands.
std::string without_commands(std::string text) {
  for (auto at = text.find("##["); at != std::string::npos; at = text.find("##[", at)) {
    text.replace(at + 2, 1, "\\x5b");
  }
  return text;
}

}  // namespace

std::size_t columns_of_screen(const Terminal& terminal) {
  return std::clamp(terminal.columns, narrowest, widest);
}

std::string shown(std::string_view bytes, const Terminal& terminal) {
  return without_commands(printable(concealed(bytes), terminal.charset));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t first_columns,
                                 std::size_t next_columns) {
  std::vector<std::string> lines;
  std::string whole{text};
  std::size_t begin = 0;
  std::size_t columns = first_columns;
  while (begin < whole.size() || lines.empty()) {
    defuse_line(whole, begin);
    const auto rest = std::string_view{whole}.substr(begin);
    const std::size_t end = line_end(rest, fitting_bytes(rest, columns));
    lines.emplace_back(rest.substr(0, end));
    // All of them: a name with many would choose how deep the next line stands.
    begin += std::min(rest.find_first_not_of(' ', end), rest.size());
    columns = next_columns;
  }
  return lines;
}

std::vector<std::string> cut(std::string_view text, std::size_t first_columns,
                             std::size_t next_columns) {
  std::vector<std::string> lines;
  std::string whole{text};
  std::size_t begin = 0;
  std::size_t columns = first_columns;
  while (begin < whole.size() || lines.empty()) {
    // A line that begins with blanks would be trimmed.
    defuse_line(whole, std::min(whole.find_first_not_of(' ', begin), whole.size()));
    const auto rest = std::string_view{whole}.substr(begin);
    const std::size_t end = fitting_bytes(rest, columns);
    lines.emplace_back(rest.substr(0, end));
    begin += end;
    columns = next_columns;
  }
  return lines;
}

std::string padded(std::string text, std::size_t columns) {
  const std::size_t taken = columns_of(text);
  if (taken < columns) text.append(columns - taken, ' ');
  return text;
}

std::string painted(std::string_view word, std::size_t columns, std::string_view sgr,
                    const Terminal& terminal) {
  std::string text = padded(std::string{word}, columns);
  if (terminal.color == Color::off) return text;
  return "\x1b[" + std::string{sgr} + "m" + std::string{word} + "\x1b[0m" +
         text.substr(word.size());
}

void print_hanging(const Hanging& hanging, std::string_view text, const Terminal& terminal,
                   std::ostream& out) {
  const std::size_t columns = columns_of_screen(terminal);
  const auto lines =
      wrapped(text, room(columns, hanging.lead_columns), room(columns, hanging.hang));
  out << hanging.lead << lines.front() << '\n';
  for (std::size_t i = 1; i < lines.size(); ++i) {
    out << std::string(hanging.hang, ' ') << lines[i] << '\n';
  }
}

void print_path(std::string_view path, std::size_t indent, const Terminal& terminal,
                std::ostream& out) {
  const std::size_t columns = columns_of_screen(terminal);
  if (indent + columns_of(path) > columns) indent = path_indent;
  const auto lines = cut(path, room(columns, indent), room(columns, path_hang));
  out << std::string(indent, ' ') << lines.front() << '\n';
  for (std::size_t i = 1; i < lines.size(); ++i) {
    out << std::string(path_hang, ' ') << lines[i] << '\n';
  }
}

}  // namespace cfwarden
