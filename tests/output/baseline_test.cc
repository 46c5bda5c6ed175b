#include "cfwarden/output/all_formats.h"

#include "formats.h"
#include "samples.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>

using namespace cfwarden;

namespace {

// The first finding is known, the second one new, and the third one worse.
Report marked() {
  Report report = samples::messy();
  REQUIRE(report.findings.size() >= 3);
  report.findings[0].novelty = Novelty::known;
  report.findings[1].novelty = Novelty::fresh;
  report.findings[2].novelty = Novelty::worse;
  return report;
}

// One critical finding, and nothing that could not be read.
Report with_novelty(Novelty novelty) {
  Report report = samples::messy();
  report.findings.resize(1);
  report.findings[0].severity = Severity::critical;
  report.findings[0].novelty = novelty;
  report.gaps.clear();
  return report;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what a baseline knows does not fail, and what is new or worse does") {
  Report report = marked();
  report.fail_on = Severity::low;
  report.findings[0].severity = Severity::critical;
  CHECK_FALSE(report.fails(report.findings[0]));
  report.findings[1].severity = Severity::low;
  report.findings[2].severity = Severity::low;
  CHECK(report.fails(report.findings[1]));
  CHECK(report.fails(report.findings[2]));
}

TEST_CASE("every format that names findings keeps what is known, and marks it") {
  const std::map<std::string_view, std::string_view> marks{
      {"text", "known: "},
      {"plain", "\tknown\n"},
      {"json", R"("baseline": "known")"},
      {"ndjson", R"("baseline":"known")"},
      {"sarif", R"("baselineState": "unchanged")"},
      {"junit", "baseline: known\n"},
      {"csv", ",known\r\n"},
      {"markdown", "(known)"},
      {"html", "Known to the baseline"},
      {"github", "(known)\n"}};
  const Report report = marked();
  for (const Format& format : all_formats()) {
    if (format.only_counts) continue;
    CAPTURE(format.name);
    REQUIRE(marks.contains(format.name));
    const std::string text = written_as(format.name, report);
    CHECK(holds(text, report.findings[0].rule));
    CHECK(holds(text, std::string{marks.at(format.name)}));
    CHECK_FALSE(holds(written_as(format.name, with_novelty(Novelty::fresh)),
                      std::string{marks.at(format.name)}));
  }
}

TEST_CASE("a format that only counts does not fail for what is known") {
  const auto first_line = [](Novelty novelty) {
    return lines_of(written_as("nagios", with_novelty(novelty)))[0];
  };
  CHECK(first_line(Novelty::known).starts_with("CFWARDEN OK - "));
  CHECK(first_line(Novelty::fresh).starts_with("CFWARDEN CRITICAL - "));
  CHECK(first_line(Novelty::worse).starts_with("CFWARDEN CRITICAL - "));
  const auto failing = [](Novelty novelty) {
    const std::string text = written_as("prometheus", with_novelty(novelty));
    return holds(text, "cfwarden_failing_findings{look=\"audit\"} 1\n");
  };
  CHECK_FALSE(failing(Novelty::known));
  CHECK(failing(Novelty::fresh));
}

TEST_CASE("what is known, new or worse has the words of each format") {
  const Report report = marked();
  const auto results = nlohmann::json::parse(written_as("sarif", report))["runs"][0]["results"];
  CHECK(results.size() == report.findings.size());
  CHECK(results[0]["baselineState"] == "unchanged");
  CHECK(results[1]["baselineState"] == "new");
  CHECK(results[2]["baselineState"] == "updated");
  CHECK(holds(written_as("text", report), "worse than it was: "));
  CHECK(holds(written_as("text", report), "; 1 of them known"));
  CHECK(lines_of(written_as("plain", report))[0].ends_with("\tknown"));
}

TEST_CASE("what is known is counted apart, whatever the format") {
  Report report = marked();
  report.findings[0].severity = Severity::high;
  report.findings.push_back(report.findings[0]);
  report.findings.back().exception = samples::exception();
  CHECK(report.known() == 1);  // What is excepted is that and no more.
  CHECK(report.known(Severity::high) == 1);
  CHECK(report.known(Severity::low) == 0);
  CHECK(holds(written_as("nagios", report), "; 1 of them known"));
  CHECK(holds(written_as("nagios", report), " known=1;;;0"));
  CHECK(holds(written_as("markdown", report), "; 1 of them known"));
  CHECK(holds(written_as("github", report), "; 1 of them known"));
  CHECK(holds(written_as("html", report), "; 1 of them known"));
  CHECK(nlohmann::json::parse(written_as("json", report))["summary"]["known"] == 1);
  CHECK(holds(written_as("ndjson", report), "\"known\":1"));
  const std::string gauges = written_as("prometheus", report);
  CHECK(holds(gauges, "cfwarden_known_findings{look=\"audit\",severity=\"high\"} 1\n"));
  CHECK(holds(gauges, "cfwarden_findings{look=\"audit\",severity=\"high\"} " +
                          std::to_string(report.count(Severity::high) - 1) + "\n"));
}

TEST_CASE("a check of which only remarks are known says nothing of them") {
  Report report;
  report.findings.push_back({.rule = "credential-old", .severity = Severity::info});
  report.findings[0].novelty = Novelty::known;
  CHECK(written_as("nagios", report).starts_with("CFWARDEN OK - no findings | "));
}

TEST_CASE("without a baseline nothing is said of one") {
  const Report report = samples::messy();
  for (const Format& format : all_formats()) {
    CAPTURE(format.name);
    const std::string text = written_as(format.name, report);
    for (const char* word : {"known: ", "(known)", "of them known", "baselineState",
                             "\"baseline\":", "baseline: ", "Known to the baseline"}) {
      CAPTURE(word);
      CHECK_FALSE(holds(text, word));
    }
  }
}
