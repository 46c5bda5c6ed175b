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

// Gauges under one name. An audit and a sweep can write a file each: no two series are the same.
class GaugeWriter {
 public:
  GaugeWriter(const Report& report, std::ostream& out)
      : look_{report.has_only_names() ? "look=\"names\""
              : report.sweep          ? "look=\"sweep\""
                                      : "look=\"audit\""},
        out_{out} {}

  void begin(std::string_view name, std::string_view help) {
    name_ = name;
    out_ << "# HELP cfwarden_" << name << ' ' << help << "\n# TYPE cfwarden_" << name << " gauge\n";
  }

  template <class Value>
  void write(Value value, std::string_view label = {}, std::string_view of_label = {}) {
    out_ << "cfwarden_" << name_ << '{' << look_;
    if (!label.empty()) out_ << ',' << label << "=\"" << of_label << '"';
    out_ << "} " << value << '\n';
  }

 private:
  std::string_view look_;
  std::ostream& out_;
  std::string_view name_;
};

std::size_t read_by(Audience audience, const Report& report) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.credentials, [audience](const ReportedCredential& found) {
        return found.exposure.readers.audience == audience;
      }));
}

std::size_t excepted_of(Severity severity, const Report& report) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.findings, [severity](const Finding& finding) {
        return finding.severity == severity && finding.exception != nullptr;
      }));
}

// Our own version, of digits and dots; a label's quotes and backslashes could not be shown as they
// are.
std::string label_text(std::string_view text) {
  std::string escaped;
  for (const char c : told(text)) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

void write_prometheus(const Report& report, const Terminal&, std::ostream& out) {
  GaugeWriter gauges{report, out};
  gauges.begin("findings", "Findings by severity, but for excepted and known ones.");
  for (const auto& severity : words_of<Severity>()) {
    gauges.write(report.count(severity.value) - report.known(severity.value), "severity",
                 severity.name);
  }
  gauges.begin("known_findings", "Findings that the baseline knows, by severity.");
  for (const auto& severity : words_of<Severity>()) {
    gauges.write(report.known(severity.value), "severity", severity.name);
  }
  gauges.begin("excepted_findings", "Findings that an exception accepts, by severity.");
  for (const auto& severity : words_of<Severity>()) {
    gauges.write(excepted_of(severity.value, report), "severity", severity.name);
  }
  gauges.begin("failing_findings", "Findings that fail the run, as --fail-on says.");
  gauges.write(std::ranges::count_if(
      report.findings, [&](const Finding& finding) { return report.fails(finding); }));
  gauges.begin("credentials", "Credentials by who besides root and the owner can read them.");
  for (const auto& audience : words_of<Audience>()) {
    gauges.write(read_by(audience.value, report), "readers", audience.name);
  }
  gauges.begin("gaps", "What was wanted and could not be looked at.");
  gauges.write(all_gaps(report));
  gauges.begin("complete", "1 where all that was wanted was looked at.");
  gauges.write(report.complete() ? 1 : 0);
  gauges.begin("exit_code", "What the run exits with.");
  gauges.write(report.exit_code);
  gauges.begin("start_time_seconds", "When the look began, in seconds since the epoch.");
  gauges.write(report.started);
  gauges.begin("info", "Always 1; what wrote this.");
  gauges.write(1, "version", label_text(report.tool_version));
}

}  // namespace cfwarden
