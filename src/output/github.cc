#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/excepted.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/rows.h"
#include "cfwarden/output/source_paths.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

// As the runner decodes them. told() left no newline; what is escaped here is what would end a
// property or the command, and the percent sign itself.
std::string escaped(std::string_view text, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (bytes.find(c) == std::string_view::npos) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += digits[byte >> 4U];
    result += digits[byte & 0xFU];
  }
  return result;
}

std::string message(std::string_view text) {
  return escaped(told(text), "%\r\n");
}

std::string property(std::string_view text) {
  return escaped(told(text), "%\r\n:,");
}

std::string_view command_of(const Finding& finding) {
  const bool is_accepted = finding.exception != nullptr || finding.novelty == Novelty::known;
  if (is_accepted) return "notice";
  const Severity severity = finding.severity;
  if (severity >= Severity::high) return "error";
  return severity == Severity::medium ? "warning" : "notice";
}

std::string file_of(const std::string& path, const Report& report) {
  return property(path_in_source(path, report).value_or(path));
}

void write_finding(const Finding& finding, const Report& report, std::ostream& out) {
  out << "::" << command_of(finding) << " file=" << file_of(finding.path, report);
  if (finding.line && *finding.line != 0) out << ",line=" << *finding.line;
  out << ",title=" << (finding.exception == nullptr ? "" : "excepted ")
      << property(name_of(finding.severity)) << ' ' << property(finding.rule)
      << "::" << message(finding.title);
  // The path again: an annotation on a file that is not in the repository is shown without it.
  if (!finding.message.empty()) out << ": " << message(finding.message);
  if (finding.exception != nullptr) {
    out << "; accepted " << message(accepted_until(*finding.exception));
  }
  const bool is_known = finding.novelty == Novelty::known;
  out << " (" << message(finding.path) << ')' << (is_known ? " (known)\n" : "\n");
}

void write_gap(const Gap& gap, const Report& report, std::ostream& out) {
  out << "::warning ";
  if (!gap.path.empty()) out << "file=" << file_of(gap.path, report) << ',';
  out << "title=Not read::" << message(gap.why);
  if (!gap.path.empty()) out << " (" << message(gap.path) << ')';
  out << '\n';
}

}  // namespace

void write_github(const Report& report, const Terminal&, std::ostream& out) {
  for (const Finding& finding : report.findings) write_finding(finding, report, out);
  for (const Gap& gap : report.gaps) write_gap(gap, report, out);
  const std::string missing = shortfall(report);
  out << (missing.empty() ? "::notice" : "::warning") << " title=cfwarden::";
  if (report.has_only_names()) {
    out << names_told(report);
  } else {
    out << counted(report.credentials.size(), "credential") << ", "
        << counted(open_findings(report), "finding") << known_told(report.known());
    if (report.excepted() != 0) out << ", " << counted(report.excepted()) << " excepted";
  }
  if (!missing.empty()) out << "; incomplete (" << missing << ')';
  out << '\n';
}

}  // namespace cfwarden
