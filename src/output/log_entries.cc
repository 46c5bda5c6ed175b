#include "cfwarden/output/log_entries.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/printable.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/rows.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cfwarden {
namespace {

constexpr std::size_t most_value_bytes = 4096;

// syslog's.
constexpr std::string_view warning = "4";
constexpr std::string_view notice = "5";
constexpr std::string_view informational = "6";

std::string_view priority_of(std::string_view severity) {
  if (severity == name_of(Severity::critical)) return "2";
  if (severity == name_of(Severity::high)) return "3";
  if (severity == name_of(Severity::medium)) return warning;
  return severity == name_of(Severity::low) ? notice : informational;
}

// What kind of entry it is, in words of the journal: an id for each, for good.
struct Sort {
  std::string_view record;
  std::string_view message_id;
};
constexpr Sort of_finding{"finding", "623a04d28dc84b109513fc33a9175d3d"};
constexpr Sort of_gap{"gap", "89dd2839f71e4a26a43a0abcc3637bbb"};
constexpr Sort of_run{"run", "6bb464cadb0f4d96aebac34bfaea29cf"};

class Entry {
 public:
  Entry(const Sort& sort, std::string_view priority, std::string_view message) {
    put("MESSAGE", message).put("PRIORITY", priority).put("SYSLOG_IDENTIFIER", "cfwarden");
    put("MESSAGE_ID", sort.message_id).put("CFWARDEN_RECORD", sort.record);
  }

  // Nothing where there is no value. Expects one line.
  Entry& put(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    std::string kept{value.substr(0, most_value_bytes)};
    while (!is_valid_utf8(kept)) kept.pop_back();
    bytes_ += name;
    bytes_ += '=';
    bytes_ += kept;
    if (kept.size() < value.size()) bytes_ += "...";
    bytes_ += '\n';
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// "CFWARDEN_RULE" for the column "rule".
std::string field_of(std::string_view column) {
  std::string name = "CFWARDEN_";
  for (const char c : column) name += is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

const std::string& cell(const Row& row, Column column) {
  return row.at(static_cast<std::size_t>(column));
}

std::string place_of(const Row& row) {
  const std::string& line = cell(row, Column::line);
  return cell(row, Column::path) + (line.empty() ? "" : ":" + line);
}

// "excepted " or "known " before what fails no run; else "".
std::string acceptance_of(const Row& row) {
  if (!cell(row, Column::excepted_until).empty()) return "excepted ";
  return cell(row, Column::baseline) == name_of(Novelty::known) ? "known " : "";
}

// Whoever watches by priority is told of nothing that was accepted.
std::string_view priority_of(const Row& row) {
  const bool is_live = acceptance_of(row).empty();
  return is_live ? priority_of(cell(row, Column::severity)) : informational;
}

std::string entry_of(const Row& row, const Report& report) {
  const bool is_gap = cell(row, Column::record) == of_gap.record;
  std::string message =
      is_gap ? std::string{"not read"}
             : acceptance_of(row) + cell(row, Column::severity) + " " + cell(row, Column::rule);
  if (!cell(row, Column::path).empty()) message += ": " + place_of(row);
  message += ": " + cell(row, Column::message);
  Entry entry{is_gap ? of_gap : of_finding, is_gap ? warning : priority_of(row), message};
  entry.put("CFWARDEN_RUN", utc_text(report.started));
  for (std::size_t i = static_cast<std::size_t>(Column::host); i < row.size(); ++i) {
    entry.put(field_of(row_columns.at(i)), row.at(i));
  }
  return entry.bytes();
}

std::string credentials_told(const Report& report) {
  const std::size_t excepted = report.excepted();
  std::string text = counted(report.credentials.size(), "credential");
  text += ", " + counted(open_findings(report), "finding");
  if (excepted != 0) text += ", " + counted(excepted) + " excepted";
  return text;
}

std::string run_told(const Report& report) {
  std::string text = report.has_only_names() ? names_told(report) : credentials_told(report);
  const std::string missing = shortfall(report);
  if (!missing.empty()) text += "; incomplete (" + missing + ")";
  return text;
}

std::string_view priority_of_run(const Report& report) {
  if (!report.complete()) return warning;
  const bool fails = std::ranges::any_of(
      report.findings, [&](const Finding& finding) { return report.fails(finding); });
  return fails ? notice : informational;
}

std::string entry_of(const Report& report, std::size_t left_out) {
  std::string message = run_told(report);
  if (left_out != 0) message += "; " + counted(left_out) + " of these are not in this log";
  Entry entry{of_run, priority_of_run(report), message};
  entry.put("CFWARDEN_RUN", utc_text(report.started)).put("CFWARDEN_HOST", told(report.hostname));
  entry.put("CFWARDEN_COMPLETE", report.complete() ? "yes" : "no");
  entry.put("CFWARDEN_EXIT", std::to_string(report.exit_code));
  entry.put("CFWARDEN_CREDENTIALS", std::to_string(report.credentials.size()));
  entry.put("CFWARDEN_NOT_READ", std::to_string(all_gaps(report)));
  for (const Severity severity : severities_worst_first) {
    entry.put(field_of(name_of(severity)), std::to_string(report.count(severity)));
  }
  entry.put("CFWARDEN_EXCEPTED", std::to_string(report.excepted()));
  return entry.bytes();
}

}  // namespace

std::vector<std::string> log_entries(const Report& report) {
  std::vector<std::string> entries;
  std::size_t findings = 0;
  std::size_t gaps = 0;
  for (const Row& row : rows_of(report)) {
    const std::string& record = cell(row, Column::record);
    const bool is_finding = record == of_finding.record;
    if (!is_finding && record != of_gap.record) continue;
    std::size_t& count = is_finding ? findings : gaps;
    if (++count <= most_log_entries) entries.push_back(entry_of(row, report));
  }
  const std::size_t left_out = findings + gaps - entries.size();
  entries.push_back(entry_of(report, left_out));
  return entries;
}

}  // namespace cfwarden
