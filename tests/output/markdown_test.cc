#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include <algorithm>

using namespace cfwarden;

TEST_CASE("summaries stay as they are") {
  check_golden("formats-messy.md", written_as("markdown", samples::messy()));
  check_golden("formats-markup.md", written_as("markdown", samples::markup()));
  check_golden("formats-clean.md", written_as("markdown", samples::clean()));
  check_golden("formats-swept-names.md", written_as("markdown", samples::swept_names()));
}

TEST_CASE("a row of a summary has the cells of its table, whatever the names") {
  for (const std::string& line : lines_of(written_as("markdown", samples::markup()))) {
    if (!line.starts_with('|')) continue;
    const auto bars = std::ranges::count(line, '|');
    CAPTURE(line);
    CHECK((bars == 3 || bars == 5));
  }
}

TEST_CASE("a summary stays below what a job may have, and says what is left out") {
  Report report = samples::messy();
  const Finding finding{.rule = "readable-by-group",
                        .severity = Severity::medium,
                        .title = "t",
                        .path = "/" + std::string(4000, '`')};
  report.findings.assign(1000, finding);
  report.findings.insert(report.findings.end(), 1000, finding);
  for (std::size_t i = 1000; i < 2000; ++i) report.findings[i].exception = samples::exception();
  report.gaps.assign(20'000, Gap{"/srv/" + std::string(100, 'x'), "why"});
  report.credentials.assign(20'000, report.credentials.front());
  const std::string text = written_as("markdown", report);
  CHECK(text.size() < 1'000'000);
  CHECK(text.find("\nAnd 9") != std::string::npos);
}

TEST_CASE("paths of a repository begin at its top") {
  Report report = samples::messy();
  report.source_root = "/etc";
  CHECK(written_as("markdown", report).find("`cloudflared/config.yml:9`") != std::string::npos);
}
