#include "cfwarden/output/rows.h"

#include "cfwarden/base/concealed.h"
#include "cfwarden/base/printable.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/summary_lines.h"

#include <map>
#include <optional>

namespace cfwarden {
namespace {

class RowWriter {
 public:
  RowWriter(std::string_view record, const Report& report) {
    put(Column::record, record).put(Column::host, report.hostname);
  }

  RowWriter& put(Column column, std::string_view text) {
    row_.at(static_cast<std::size_t>(column)) = told(text);
    return *this;
  }

  RowWriter& put_line(const std::optional<std::size_t>& line) {
    return line ? put(Column::line, std::to_string(*line)) : *this;
  }

  RowWriter& put_credential(const ReportedCredential& found) {
    const Credential& credential = found.credential;
    put(Column::kind, credential.kind).put(Column::status, name_of(credential.status));
    put(Column::authority, name_of(credential.authority));
    put(Column::readers, name_of(found.exposure.readers.audience));
    put(Column::writers, name_of(found.exposure.writers.audience));
    put(Column::fingerprint, credential.fingerprint);
    return put(Column::account, credential.scope.account)
        .put(Column::tunnel, credential.scope.tunnel);
  }

  const Row& row() const { return row_; }

 private:
  Row row_;
};

using ById = std::map<std::string_view, const ReportedCredential*>;

Row row_of(const Finding& finding, const ById& credentials, const Report& report) {
  RowWriter row{"finding", report};
  row.put(Column::severity, name_of(finding.severity)).put(Column::rule, finding.rule);
  row.put(Column::path, finding.path).put_line(finding.line);
  row.put(Column::message, finding.message.empty() ? finding.title : finding.message);
  row.put(Column::expected, finding.expected).put(Column::actual, finding.actual);
  if (const Exception* exception = finding.exception.get(); exception != nullptr) {
    row.put(Column::excepted_until, exception->expires).put(Column::excepted_by, exception->owner);
    row.put(Column::excepted_because, exception->reason);
  }
  if (finding.novelty != Novelty::no_baseline) {
    row.put(Column::baseline, name_of(finding.novelty));
  }
  const auto credential = credentials.find(finding.credential);
  if (credential != credentials.end()) row.put_credential(*credential->second);
  return row.row();
}

Row row_of(const Report& report) {
  const std::string missing = shortfall(report);
  return RowWriter{"end", report}
      .put(Column::path, report.root)
      .put(Column::message, missing.empty() ? "complete" : "incomplete: " + missing)
      .row();
}

}  // namespace

std::vector<Row> rows_of(const Report& report) {
  ById credentials;
  for (const ReportedCredential& credential : report.credentials) {
    credentials.emplace(credential.id, &credential);
  }
  std::vector<Row> rows;
  for (const Finding& finding : report.findings) {
    rows.push_back(row_of(finding, credentials, report));
  }
  for (const ReportedCredential& found : report.credentials) {
    rows.push_back(RowWriter{"credential", report}
                       .put(Column::path, found.path)
                       .put_line(found.line)
                       .put_credential(found)
                       .put(Column::message, found.credential.reason)
                       .row());
  }
  for (const Gap& gap : report.gaps) {
    rows.push_back(
        RowWriter{"gap", report}.put(Column::path, gap.path).put(Column::message, gap.why).row());
  }
  if (report.sweep) {
    for (const std::string& name : report.sweep->names) {
      rows.push_back(RowWriter{"name", report}.put(Column::path, name).row());
    }
  }
  rows.push_back(row_of(report));
  return rows;
}

std::string told(std::string_view bytes) {
  return printable(concealed(bytes));
}

}  // namespace cfwarden
