#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/undoing.h"

#include <algorithm>
#include <array>
#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t widest_column = 24;
constexpr std::size_t hang = 23;  // Under the second column.

using Row = std::array<std::string, 6>;

std::string state_of(const RecordedRun& run) {
  if (run.is_undone) return "undone";
  return run.was_interrupted ? "interrupted" : "can be taken back";
}

Row row_of(const RecordedRun& run, const Terminal& terminal) {
  const std::string when = utc_text(run.started);
  return {shown(run.name, terminal),
          when.empty() ? "?" : when,
          shown(run.user, terminal),
          counted(run.changes),
          state_of(run),
          shown(run.root, terminal)};
}

}  // namespace

void write_recorded_runs(std::span<const RecordedRun> runs, const Terminal& terminal,
                         std::ostream& out) {
  if (runs.empty()) {
    out << "cfwarden: no run of fix is recorded\n";
    return;
  }
  std::vector<Row> rows{{"RUN", "WHEN", "USER", "CHANGES", "STATE", "ROOT"}};
  for (const RecordedRun& run : runs) rows.push_back(row_of(run, terminal));
  std::array<std::size_t, 6> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(widest_column, columns_of(row[i])));
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 1; i + 1 < row.size(); ++i) line += padded(row[i], widths[i] + 2);
    print_hanging({.lead = padded(row[0], widths[0] + 2),
                   .lead_columns = std::max(widths[0], columns_of(row[0])) + 2,
                   .hang = hang},
                  line + row.back(), terminal, out);
  }
}

}  // namespace cfwarden
