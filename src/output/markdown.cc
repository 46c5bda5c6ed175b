#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/excepted.h"
#include "cfwarden/output/markdown_text.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/source_paths.h"
#include "cfwarden/output/summary_lines.h"

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

// GitHub refuses a job's summary of more than 1 MiB as a whole.
constexpr std::size_t most_bytes_of_table = 200'000;

// Nothing at all where there are no rows.
class Table {
 public:
  Table(std::string_view heading, std::initializer_list<std::string_view> columns) {
    text_ = "\n### " + std::string{heading} + "\n\n|";
    std::string rule = "|";
    for (const std::string_view column : columns) {
      text_ += " " + std::string{column} + " |";
      rule += "---|";
    }
    text_ += "\n" + rule + "\n";
  }

  void add(std::initializer_list<std::string> cells) {
    std::string row = "|";
    for (const std::string& cell : cells) row += " " + cell + " |";
    ++rows_;
    if (left_out_ == 0 && text_.size() + row.size() < most_bytes_of_table) {
      text_ += row + "\n";
    } else {
      ++left_out_;
    }
  }

  void write(std::ostream& out) const {
    if (rows_ == 0) return;
    out << text_;
    if (left_out_ != 0) out << "\nAnd " << counted(left_out_) << " more.\n";
  }

 private:
  std::string text_;
  std::size_t rows_ = 0;
  std::size_t left_out_ = 0;
};

std::string place_of(const std::string& path, const std::optional<std::size_t>& line,
                     const Report& report) {
  const std::string shown = path_in_source(path, report).value_or(path);
  return markdown_code(line ? shown + ":" + std::to_string(*line) : shown);
}

std::string prose_of(const Finding& finding) {
  const std::string prose =
      markdown_prose(finding.message.empty() ? finding.title : finding.message);
  return finding.novelty == Novelty::known ? prose + " (known)" : prose;
}

void write_findings(const Report& report, std::ostream& out) {
  Table table{"Findings", {"Severity", "Rule", "Where", "What"}};
  for (const Finding& finding : report.findings) {
    if (finding.exception != nullptr) continue;
    const std::string severity{name_of(finding.severity)};
    table.add({report.fails(finding) ? "**" + severity + "**" : severity,
               markdown_code(finding.rule), place_of(finding.path, finding.line, report),
               prose_of(finding)});
  }
  table.write(out);
}

void write_excepted(const Report& report, std::ostream& out) {
  Table table{"Excepted", {"Severity", "Rule", "Where", "Accepted"}};
  for (const Finding& finding : report.findings) {
    if (finding.exception == nullptr) continue;
    table.add({std::string{name_of(finding.severity)}, markdown_code(finding.rule),
               place_of(finding.path, finding.line, report),
               markdown_prose(accepted_until(*finding.exception))});
  }
  table.write(out);
}

void write_gaps(const Report& report, std::ostream& out) {
  Table table{"Not read", {"Where", "Why"}};
  for (const Gap& gap : report.gaps) {
    table.add({place_of(gap.path, std::nullopt, report), markdown_prose(gap.why)});
  }
  table.write(out);
}

void write_credentials(const Report& report, std::ostream& out) {
  Table table{"Credentials", {"Kind", "Where", "Can be read by", "State"}};
  for (const ReportedCredential& found : report.credentials) {
    table.add({markdown_prose(kind_title(found.credential.kind)),
               place_of(found.path, found.line, report),
               markdown_prose(name_of(found.exposure.readers.audience)),
               markdown_prose(name_of(found.credential.status))});
  }
  table.write(out);
}

void write_names(const Report& report, std::ostream& out) {
  if (!report.sweep) return;
  Table table{"Names that credentials have", {"Where"}};
  for (const std::string& name : report.sweep->names) {
    table.add({place_of(name, std::nullopt, report)});
  }
  table.write(out);
}

}  // namespace

void write_markdown(const Report& report, const Terminal&, std::ostream& out) {
  out << "## cfwarden: " << findings_told(report) << "\n\n";
  if (!report.hostname.empty()) out << "Host " << markdown_code(report.hostname) << ", ";
  out << counted(report.credentials.size(), "credential") << ", " << utc_text(report.started)
      << ".\n";
  if (report.profile != "baseline") {
    out << "\nProfile " << markdown_code(report.profile) << ".\n";
  }
  if (report.has_only_names()) out << "\n**Only names**: " << names_told(report) << ".\n";
  const std::string missing = shortfall(report);
  if (!missing.empty()) out << "\n**Incomplete**: " << missing << ".\n";
  write_findings(report, out);
  write_excepted(report, out);
  write_gaps(report, out);
  write_credentials(report, out);
  write_names(report, out);
}

}  // namespace cfwarden
