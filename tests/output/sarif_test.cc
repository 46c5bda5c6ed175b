#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include <nlohmann/json.hpp>

#include <set>

using namespace cfwarden;
using nlohmann::ordered_json;

namespace {

ordered_json run_of(const Report& report) {
  return ordered_json::parse(written_as("sarif", report))["runs"][0];
}

ordered_json artifact(const ordered_json& result) {
  return result["locations"][0]["physicalLocation"]["artifactLocation"];
}

std::string hash_of(const ordered_json& result) {
  return result["partialFingerprints"]["primaryLocationLineHash"];
}

}  // namespace

TEST_CASE("logs for code scanning stay as they are") {
  check_golden("formats-messy.sarif", written_as("sarif", samples::with_rules(samples::messy())));
  check_golden("formats-markup.sarif", written_as("sarif", samples::markup()));
  check_golden("formats-clean.sarif", written_as("sarif", samples::clean()));
}

TEST_CASE("a file of the host is a whole URI, one of a repository begins at its top") {
  Report report = samples::messy();
  CHECK(artifact(run_of(report)["results"][1]) ==
        ordered_json({{"uri", "file:///etc/cloudflared/config.yml"}}));
  CHECK_FALSE(run_of(report).contains("originalUriBaseIds"));
  report.source_root = "/etc";
  const auto run = run_of(report);
  CHECK(artifact(run["results"][1]) ==
        ordered_json({{"uri", "cloudflared/config.yml"}, {"uriBaseId", "%SRCROOT%"}}));
  CHECK(artifact(run["results"][0])["uri"] == "file:///root/.cloudflared/cert.pem");
  CHECK(run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///etc/");
}

TEST_CASE("a file of another root begins there") {
  Report report = samples::messy();
  report.root = "/mnt/image";
  auto run = run_of(report);
  CHECK(artifact(run["results"][0]) ==
        ordered_json({{"uri", "root/.cloudflared/cert.pem"}, {"uriBaseId", "%HOSTROOT%"}}));
  CHECK(run["originalUriBaseIds"]["%HOSTROOT%"]["uri"] == "file:///mnt/image/");
  report.source_root = "/etc";
  run = run_of(report);
  CHECK(run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///mnt/image/etc/");
}

TEST_CASE("a result is recognised when its line or its mode changes, and no two are the same") {
  const Report before = samples::messy();
  Report after = before;
  for (Finding& finding : after.findings) {
    if (finding.line) finding.line = *finding.line + 7;
    finding.message += " now";
  }
  const auto old_run = run_of(before);
  const auto new_run = run_of(after);
  std::set<std::string> hashes;
  for (std::size_t i = 0; i < before.findings.size(); ++i) {
    CHECK(hash_of(old_run["results"][i]) == hash_of(new_run["results"][i]));
    hashes.insert(hash_of(old_run["results"][i]));
  }
  CHECK(hashes.size() == before.findings.size());
  Report twice = before;
  twice.findings.push_back(twice.findings.back());
  const auto results = run_of(twice)["results"];
  CHECK(hash_of(results[results.size() - 1]).ends_with(":2"));
}

TEST_CASE("what was not looked at is an error of the run, not of a result") {
  const auto run = run_of(samples::messy());
  const auto& invocation = run["invocations"][0];
  CHECK(invocation["executionSuccessful"] == false);
  CHECK(invocation["toolExecutionNotifications"].size() == 1);
  CHECK(invocation["toolExecutionNotifications"][0]["level"] == "error");
  CHECK(run_of(samples::clean())["invocations"][0]["executionSuccessful"] == true);
  CHECK(run["results"].size() == samples::messy().findings.size());
}

TEST_CASE("each result has a rule, with all that GitHub wants of one") {
  for (const Report& report : {samples::messy(), samples::markup()}) {
    const auto run = run_of(report);
    const auto& rules = run["tool"]["driver"]["rules"];
    for (const auto& result : run["results"]) {
      CHECK(rules[result["ruleIndex"].get<std::size_t>()]["id"] == result["ruleId"]);
    }
    for (const auto& rule : rules) {
      for (const char* key : {"shortDescription", "fullDescription", "help"}) {
        CHECK_FALSE(rule[key]["text"].get<std::string>().empty());
      }
    }
  }
}

TEST_CASE("no name makes a link of a message") {
  Report report;
  report.findings = {{.rule = "a", .title = "leads to [here](http://evil.example)", .path = "/x"}};
  CHECK(run_of(report)["results"][0]["message"]["text"] ==
        "leads to \\[here\\](http://evil.example)");
}

TEST_CASE("a log has no more results than GitHub takes, and says so") {
  Report report = samples::clean();
  report.findings.assign(25'001, samples::findings()[0]);
  const auto run = run_of(report);
  CHECK(run["results"].size() == 25'000);
  CHECK(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] ==
        "1 lesser findings are left out.");
}

TEST_CASE("a log is ASCII without control bytes but the newline, whatever the names") {
  for (const char byte : written_as("sarif", samples::hostile())) {
    CHECK((byte == '\n' || (byte >= 0x20 && byte < 0x7f)));
  }
}
