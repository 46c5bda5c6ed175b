#include "cfwarden/output/rows.h"

#include "formats.h"
#include "samples.h"

#include <algorithm>

using namespace cfwarden;

namespace {

const std::string& cell(const Row& row, Column column) {
  return row.at(static_cast<std::size_t>(column));
}

}  // namespace

TEST_CASE("a table has a row for each finding, credential, gap and name, and an end") {
  for (const Report& report : {samples::messy(), samples::swept(), samples::swept_names(),
                               samples::empty(), samples::markup()}) {
    const auto rows = rows_of(report);
    const std::size_t names = report.sweep ? report.sweep->names.size() : 0;
    CHECK(rows.size() ==
          report.findings.size() + report.credentials.size() + report.gaps.size() + names + 1);
    CHECK(cell(rows.back(), Column::record) == "end");
  }
}

TEST_CASE("the end of a table says whether all was looked at") {
  const auto end = [](const Report& report) {
    return cell(rows_of(report).back(), Column::message);
  };
  CHECK(end(samples::clean()) == "complete");
  CHECK(end(samples::incomplete()) == "incomplete: 1 not read");
  Report stopped = samples::clean();
  stopped.interrupted = true;
  CHECK(end(stopped) == "incomplete: stopped before the end");
}

TEST_CASE("a finding's row tells of the credential that it is about") {
  const auto rows = rows_of(samples::messy());
  CHECK(cell(rows[0], Column::rule) == "account-certificate-readable-by-everyone");
  CHECK(cell(rows[0], Column::kind) == "account-certificate");
  CHECK(cell(rows[0], Column::readers) == "everyone");
  CHECK(cell(rows[0], Column::fingerprint) == "sha256:00112233aabbccdd");
  CHECK(cell(rows[0], Column::line).empty());
  CHECK(cell(rows[1], Column::line) == "9");
  CHECK(cell(rows[4], Column::kind).empty());
}

TEST_CASE("no cell holds a control byte or a secret, whatever the names") {
  Report report = samples::markup();
  const std::string secret =
      "eyJhIjoiOWYzYzBkNWU3YTFiMmM0ZDZlOGY5MGExYjJjM2UxYjAiLCJ0IjoiNmYxYjJjM2QifQ";
  report.gaps.push_back({"/srv/" + secret, "holds " + secret});
  for (const Row& row : rows_of(report)) {
    for (const std::string& text : row) {
      CAPTURE(text);
      CHECK(std::ranges::none_of(
          text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
      CHECK(text.find(secret) == std::string::npos);
    }
  }
}
