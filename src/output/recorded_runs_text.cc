#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/undoing.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t widest_column = 24;
constexpr std::size_t hang = 23;  // Deeper than any line that begins something.

using Row = std::array<std::string, 5>;

std::string state_of(const RecordedRun& run) {
  if (run.is_undone) {
    if (run.left_alone == 0) return "undone";
    const bool all = run.left_alone == run.changes;
    return all ? "left alone" : "undone, " + counted(run.left_alone) + " left alone";
  }
  if (run.is_root_gone) return "its root is gone";
  return run.was_interrupted ? "interrupted" : "can be taken back";
}

Row row_of(const RecordedRun& run, const Terminal& terminal) {
  const std::string when = utc_text(run.started);
  return {shown(run.name, terminal), when.empty() ? "unknown" : when,
          run.user.empty() ? "-" : shown(run.user, terminal), counted(run.changes), state_of(run)};
}

std::array<std::size_t, 5> widths_of(const std::vector<Row>& rows) {
  std::array<std::size_t, 5> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(widest_column, columns_of(row[i])));
    }
  }
  return widths;
}

void print_row(const Row& row, const std::array<std::size_t, 5>& widths, const Terminal& terminal,
               std::ostream& out) {
  std::string line;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) line += padded(row[i], widths[i] + 2);
  print_hanging({.lead = {}, .lead_columns = 0, .hang = hang}, line + row.back(), terminal, out);
}

}  // namespace

void write_recorded_runs(const RecordedRuns& recorded, const Terminal& terminal,
                         std::ostream& out) {
  const std::vector<RecordedRun>& runs = recorded.runs;
  if (runs.empty()) {
    out << "cfwarden: no run of fix is recorded"
        << (recorded.unsound.empty() ? "\n" : " where its record can be trusted\n");
    return;
  }
  std::vector<Row> rows{{"RUN", "WHEN", "USER", "CHANGES", "STATE"}};
  for (const RecordedRun& run : runs) rows.push_back(row_of(run, terminal));
  const auto widths = widths_of(rows);
  print_row(rows.front(), widths, terminal, out);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    print_row(rows[i + 1], widths, terminal, out);
    const std::string& root = runs[i].root;
    if (root != "/") print_path("root " + shown(root, terminal), 2, terminal, out);
  }
}

}  // namespace cfwarden
