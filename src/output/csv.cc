#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/rows.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

// A spreadsheet takes a cell that begins so for a formula, which can send other cells away or start
// a program. The wide forms are what it makes the same of where Japanese or Chinese is written.
constexpr std::array<std::string_view, 8> formula_starts{
    "=", "+", "-", "@", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

bool could_be_formula(std::string_view cell) {
  cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
  return std::ranges::any_of(formula_starts,
                             [&](std::string_view start) { return cell.starts_with(start); });
}

// An apostrophe before what could be a formula, and before an apostrophe, so that whoever takes the
// first one away has the cell as it was.
std::string field_of(std::string_view cell) {
  std::string text;
  if (could_be_formula(cell) || cell.starts_with('\'')) text = "'";
  text += cell;
  const bool is_bare = text.find_first_of("\", ;'") == std::string::npos;
  if (is_bare) return text;
  for (auto at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2)) {
    text.insert(at, 1, '"');
  }
  return '"' + text + '"';
}

template <class Cells>
void write_line(const Cells& cells, std::ostream& out) {
  for (std::size_t i = 0; i < cells.size(); ++i)
    out << (i == 0 ? "" : ",") << field_of(cells.at(i));
  out << "\r\n";
}

}  // namespace

void write_csv(const Report& report, const Terminal&, std::ostream& out) {
  write_line(row_columns, out);
  for (const Row& row : rows_of(report)) write_line(row, out);
}

}  // namespace cfwarden
