#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/rows.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

constexpr std::size_t most_columns = 79;  // Before the performance data.
constexpr std::array<std::string_view, 4> states{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
constexpr int warning = 1;
constexpr int critical = 2;
constexpr int unknown = 3;

constexpr std::array graver_first{Severity::critical, Severity::high, Severity::medium,
                                  Severity::low};

std::string line_of(int state, const std::string& text) {
  return "CFWARDEN " + std::string{states.at(static_cast<std::size_t>(state))} + " - " + text;
}

std::string findings_of(const Report& report) {
  if (report.has_only_names()) {
    return std::to_string(report.sweep->names.size()) + " names found, no file opened";
  }
  std::string text;
  std::size_t known = 0;  // As of the others, not of what is only told.
  for (const Severity severity : graver_first) {
    const std::size_t count = report.count(severity);
    known += report.known(severity);
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::to_string(count) + " " + std::string{name_of(severity)};
  }
  if (text.empty()) text = "no findings";
  text += known_told(known);
  const std::size_t excepted = report.excepted();
  return excepted == 0 ? text : text + ", " + std::to_string(excepted) + " excepted";
}

std::string not_looked_at(const Report& report) {
  const std::uint64_t gaps = all_gaps(report);
  std::string text = gaps == 0 ? "" : "; " + std::to_string(gaps) + " not read";
  return report.interrupted ? text + "; stopped early" : text;
}

std::string performance_of(const Report& report) {
  std::string text;
  for (const Severity severity : graver_first) {
    text += std::string{name_of(severity)} + "=" + std::to_string(report.count(severity)) + ";;;0 ";
  }
  return text + "credentials=" + std::to_string(report.credentials.size()) +
         ";;;0 not_read=" + std::to_string(all_gaps(report)) +
         ";;;0 excepted=" + std::to_string(report.excepted()) +
         ";;;0 known=" + std::to_string(report.known()) + ";;;0";
}

}  // namespace

void write_nagios(const Report& report, const Terminal&, std::ostream& out) {
  const int state = nagios_exit_code(report);
  const std::string missing = not_looked_at(report);
  std::string line = line_of(state, findings_of(report) + missing);
  const std::string count = std::to_string(open_findings(report)) + " findings";
  if (line.size() > most_columns) {
    line = line_of(state, count + known_told(report.known()) + missing);
  }
  if (line.size() > most_columns) line = line_of(state, count + missing);
  out << line << " | " << performance_of(report) << '\n';
}

// What nobody looked at is unknown; a finding outweighs it.
int nagios_exit_code(const Report& report) {
  int state = report.complete() ? 0 : unknown;
  for (const Finding& finding : report.findings) {
    if (!report.fails(finding)) continue;
    if (finding.severity >= Severity::high) return critical;
    state = warning;
  }
  return state;
}

std::string nagios_failure(std::string_view why) {
  // A bar would begin the performance data.
  std::string text = told(why.substr(0, why.find('\n')));
  std::ranges::replace(text, '|', '/');
  const std::string line = line_of(unknown, text);
  constexpr std::string_view more = "...";
  if (columns_of(line) <= most_columns) return line + "\n";
  std::string cut = line;
  while (!is_valid_utf8(cut) || columns_of(cut) > most_columns - more.size()) cut.pop_back();
  return cut + std::string{more} + "\n";
}

}  // namespace cfwarden
