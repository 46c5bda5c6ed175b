#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

using namespace cfwarden;

namespace {

std::size_t count_in(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("test reports stay as they are") {
  check_golden("formats-messy.junit.xml",
               written_as("junit", samples::with_rules(samples::messy())));
  check_golden("formats-markup.junit.xml", written_as("junit", samples::markup()));
  check_golden("formats-clean.junit.xml", written_as("junit", samples::clean()));
}

TEST_CASE("a rule that was asked of a credential and did not fire is a test that passed") {
  const std::string xml = written_as("junit", samples::with_rules(samples::messy()));
  CHECK(xml.find("<testcase classname=\"cfwarden.never-fires\" name=\"/etc/cloudflared/token\" "
                 "time=\"0\"/>") != std::string::npos);
  // Tunnel credentials are a kind that none of these rules is asked of.
  CHECK(count_in(xml, "0a44b5c6-0000-4000-8000-0000000000ff.json\"") == 0);
}

TEST_CASE("only what fails the run is a failure, and what was not read is an error") {
  Report report = samples::messy();
  CHECK(written_as("junit", report).find("failures=\"8\" errors=\"1\"") != std::string::npos);
  report.fail_on = Severity::high;
  CHECK(written_as("junit", report).find("failures=\"3\" errors=\"1\"") != std::string::npos);
  CHECK(count_in(written_as("junit", report), "<failure ") == 3);
  CHECK(count_in(written_as("junit", report), "<error type=\"not-read\"") == 1);
}

TEST_CASE("the totals are those of the test cases") {
  for (const Report& report : {samples::markup(), samples::with_rules(samples::messy()),
                               samples::empty(), samples::with_rules(samples::swept())}) {
    const std::string xml = written_as("junit", report);
    const std::string tests = "tests=\"" + std::to_string(count_in(xml, "<testcase ")) + "\"";
    CHECK(count_in(xml, tests) == 2);
  }
}

TEST_CASE("there is always a test case, and that of a stopped run is an error") {
  Report report = samples::empty();
  CHECK(written_as("junit", report).find("name=\"looked to the end\" time=\"0\"/>") !=
        std::string::npos);
  report.interrupted = true;
  CHECK(written_as("junit", report).find("errors=\"1\"") != std::string::npos);
}

TEST_CASE("tests that passed have a limit, and what is beyond it is counted") {
  Report report = samples::empty();
  for (int i = 0; i < 100; ++i) {
    report.rules.push_back(samples::rule_text("rule-" + std::to_string(i), Severity::low));
  }
  for (int i = 0; i < 501; ++i) {
    report.credentials.push_back(samples::sound_token());
    report.credentials.back().id = std::to_string(i);
  }
  const std::string xml = written_as("junit", report);
  CHECK(count_in(xml, "<testcase ") == 50'001);
  CHECK(xml.find("name=\"passed-left-out\" value=\"100\"") != std::string::npos);
}
