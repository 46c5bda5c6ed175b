#include "cfwarden/output/excepted.h"
#include "cfwarden/output/all_formats.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string reason = "the wiki's backup runs in that group until it is replaced";

}  // namespace

TEST_CASE("an exception is told with its end, who answers for it and why") {
  CHECK(accepted_until(*samples::exception()) == "until 2026-12-31 by network team: " + reason);
}

TEST_CASE("every format for people keeps what is excepted, and tells it apart") {
  check_golden("text-excepted.txt", written_as("text", samples::excepted()));
  check_golden("formats-excepted.md", written_as("markdown", samples::excepted()));
  check_golden("formats-excepted.github.txt", written_as("github", samples::excepted()));
  check_golden("formats-excepted.nagios.txt", written_as("nagios", samples::excepted()));
  check_golden("formats-excepted.html", written_as("html", samples::excepted()));
}

TEST_CASE("every format for programs keeps what is excepted, and tells it apart") {
  check_golden("report-excepted.json", written_as("json", samples::excepted()));
  check_golden("formats-excepted.ndjson", written_as("ndjson", samples::excepted()));
  check_golden("formats-excepted.csv", written_as("csv", samples::excepted()));
  check_golden("formats-excepted.tsv", written_as("plain", samples::excepted()));
  check_golden("formats-excepted.junit.xml", written_as("junit", samples::excepted()));
  check_golden("formats-excepted.prom", written_as("prometheus", samples::excepted()));
  check_golden("formats-excepted.sarif", written_as("sarif", samples::excepted()));
}

TEST_CASE("the reason and the end stand in each format that names findings") {
  Report report = samples::excepted();
  Exception exception = *report.findings.back().exception;
  exception.reason = "NoOtherTextSaysThis";
  exception.expires = "2026-12-30";
  report.findings.back().exception = std::make_shared<const Exception>(exception);
  for (const Format& format : all_formats()) {
    const std::string name{format.name};
    if (format.only_counts) continue;
    CAPTURE(name);
    const std::string text = written_as(name, report);
    CHECK(holds(text, exception.reason));
    CHECK(holds(text, exception.expires));
  }
}

TEST_CASE("no format fails for what is excepted, not even one that only counts") {
  Report report = samples::excepted();
  std::erase_if(report.findings,
                [](const Finding& finding) { return finding.exception == nullptr; });
  report.gaps.clear();
  CHECK(written_as("nagios", report).starts_with("CFWARDEN OK - "));
  CHECK(holds(written_as("prometheus", report), "cfwarden_failing_findings{look=\"audit\"} 0\n"));
}

TEST_CASE("the counts of a summary are of what is not excepted") {
  const Report report = samples::excepted();
  CHECK(report.count(Severity::critical) == 0);
  CHECK(report.count(Severity::medium) == 2);
  CHECK(report.excepted() == 2);
  CHECK(holds(written_as("nagios", report), "2 excepted"));
}

TEST_CASE("a secret in a reason is told by its hash only, in every format") {
  const std::string secret = "eyJhIjoiOWYzYzAwMDBhYWFhMTExMWJiYmIyMjIyY2NjY2UxYjAiLCJ0IjoiNmYxYjJj";
  Report report = samples::excepted();
  Exception exception = *report.findings.back().exception;
  exception.reason = "token " + secret;
  exception.owner = secret;
  exception.file = "/etc/cfwarden/exceptions.d/" + secret;
  report.findings.back().exception = std::make_shared<const Exception>(exception);
  for (const Format& format : all_formats()) {
    const std::string name{format.name};
    CAPTURE(name);
    CHECK_FALSE(holds(written_as(name, report), secret.substr(0, 20)));
  }
}
