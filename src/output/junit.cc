#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/excepted.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/rows.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

// told() left no control byte; XML 1.0 also forbids two code points.
std::string xml_text(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> escapes[] = {
      {"&", "&amp;"},
      {"<", "&lt;"},
      {">", "&gt;"},
      {"\"", "&quot;"},
      {"'", "&apos;"},
      {"\xEF\xBF\xBE", "\\u{FFFE}"},
      {"\xEF\xBF\xBF", "\\u{FFFF}"}};
  std::string result = told(text);
  for (const auto& [plain, escape] : escapes) {
    for (auto at = result.find(plain); at != std::string::npos;
         at = result.find(plain, at + escape.size())) {
      result.replace(at, plain.size(), escape);
    }
  }
  return result;
}

std::string name_of_case(const std::string& path, const std::optional<std::size_t>& line) {
  return xml_text(line ? path + ":" + std::to_string(*line) : path);
}

using RuleAndCredential = std::pair<std::string_view, std::string_view>;

// Who plants thousands of files would make millions of them.
constexpr std::size_t most_passes = 50'000;

bool is_asked(const RuleText& rule, const ReportedCredential& found) {
  return std::ranges::find(rule.kinds, found.credential.kind) != rule.kinds.end();
}

std::set<RuleAndCredential> found_in(const Report& report) {
  std::set<RuleAndCredential> found;
  for (const Finding& finding : report.findings) found.emplace(finding.rule, finding.credential);
  return found;
}

// Of the whole report, before it is written.
struct Totals {
  std::size_t passes = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t left_out = 0;  // Passes that are not written.
};

// Of rules and credentials. Answers how many there are; only the first ones are written.
template <class Write>
std::size_t for_each_pass(const Report& report, Write write) {
  const std::set<RuleAndCredential> found = found_in(report);
  std::size_t passes = 0;
  for (const ReportedCredential& credential : report.credentials) {
    for (const RuleText& rule : report.rules) {
      const bool fired = found.count({rule.id, credential.id}) != 0;
      if (fired || !is_asked(rule, credential)) continue;
      if (++passes <= most_passes) write(rule, credential);
    }
  }
  return passes;
}

Totals totals_of(const Report& report) {
  Totals totals;
  totals.failures = static_cast<std::size_t>(std::ranges::count_if(
      report.findings, [&](const Finding& finding) { return report.fails(finding); }));
  totals.errors = report.gaps.size() + (report.interrupted ? 1 : 0);
  totals.passes = report.findings.size() - totals.failures + (report.interrupted ? 0 : 1);
  const std::size_t passes =
      for_each_pass(report, [&](const RuleText&, const ReportedCredential&) { ++totals.passes; });
  totals.left_out = passes > most_passes ? passes - most_passes : 0;
  return totals;
}

void begin_case(std::string_view of, const std::string& name, std::ostream& out) {
  out << "    <testcase classname=\"cfwarden." << xml_text(of) << "\" name=\"" << name
      << "\" time=\"0\"";
}

void write_line(std::string_view label, std::string_view text, std::ostream& out) {
  if (!text.empty()) out << label << ": " << xml_text(text) << '\n';
}

void write_finding(const Finding& finding, const Report& report, std::ostream& out) {
  const std::string_view element = report.fails(finding) ? "failure" : "system-out";
  begin_case(finding.rule, name_of_case(finding.path, finding.line), out);
  out << ">\n";
  if (finding.exception != nullptr) {
    out << "      <skipped message=\"accepted " << xml_text(accepted_until(*finding.exception))
        << "\"/>\n";
  }
  out << "      <" << element;
  if (report.fails(finding)) {
    out << " type=\"" << name_of(finding.severity) << "\" message=\""
        << xml_text(finding.message.empty() ? finding.title : finding.message) << '"';
  }
  out << '>';
  out << xml_text(finding.title) << '\n';
  write_line("severity", name_of(finding.severity), out);
  write_line("path", finding.path, out);
  write_line("found", finding.message, out);
  if (finding.novelty != Novelty::no_baseline) {
    write_line("baseline", name_of(finding.novelty), out);
  }
  write_line("expected", finding.expected, out);
  write_line("actual", finding.actual, out);
  write_line("steps", "cfwarden explain " + finding.rule, out);
  out << "</" << element << ">\n    </testcase>\n";
}

void write_error(std::string_view type, std::string_view why, std::ostream& out) {
  out << ">\n      <error type=\"" << type << "\" message=\"" << xml_text(why)
      << "\"/>\n    </testcase>\n";
}

bool is_skipped(const Report& report) {
  return report.has_only_names() && !report.interrupted;
}

// There is always this one: a suite without any would pass for a run that did not happen.
void write_end(const Report& report, std::ostream& out) {
  begin_case("run", "looked to the end", out);
  if (report.interrupted) {
    write_error("interrupted", "stopped before the end", out);
  } else if (is_skipped(report)) {
    out << ">\n      <skipped message=\"" << names_told(report) << "\"/>\n    </testcase>\n";
  } else {
    out << "/>\n";
  }
}

std::string time_of(const Report& report) {
  std::string text = utc_text(report.started);
  if (text.ends_with('Z')) text.pop_back();  // Its schema takes no zone.
  return text;
}

}  // namespace

void write_junit(const Report& report, const Terminal&, std::ostream& out) {
  const Totals totals = totals_of(report);
  const std::string counts = " tests=\"" +
                             std::to_string(totals.passes + totals.failures + totals.errors) +
                             "\" failures=\"" + std::to_string(totals.failures) + "\" errors=\"" +
                             std::to_string(totals.errors) + "\"";
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cfwarden\"" << counts
      << " time=\"0\">\n  <testsuite name=\"cfwarden\"" << counts << " skipped=\""
      << report.excepted() + (is_skipped(report) ? 1 : 0) << "\" time=\"0\""
      << " timestamp=\"" << time_of(report) << "\" hostname=\"" << xml_text(report.hostname)
      << "\">\n    <properties>\n      <property name=\"version\" value=\""
      << xml_text(report.tool_version) << "\"/>\n      <property name=\"root\" value=\""
      << xml_text(report.root) << "\"/>\n      <property name=\"passed-left-out\" value=\""
      << totals.left_out << "\"/>\n    </properties>\n";
  for (const Finding& finding : report.findings) write_finding(finding, report, out);
  for (const Gap& gap : report.gaps) {
    begin_case("not-read", gap.path.empty() ? "more" : xml_text(gap.path), out);
    write_error("not-read", gap.why, out);
  }
  for_each_pass(report, [&](const RuleText& rule, const ReportedCredential& found) {
    begin_case(rule.id, name_of_case(found.path, found.line), out);
    out << "/>\n";
  });
  write_end(report, out);
  out << "  </testsuite>\n</testsuites>\n";
}

}  // namespace cfwarden
