#include "cfwarden/output/all_formats.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

using namespace cfwarden;

namespace {

std::string status_of(const Report& report) {
  const std::string line = written_as("nagios", report);
  return line.substr(0, line.find(" | "));
}

}  // namespace

TEST_CASE("the lines for monitoring stay as they are") {
  std::string lines;
  for (const Report& report : {samples::messy(), samples::clean(), samples::incomplete(),
                               samples::markup(), samples::swept()}) {
    lines += written_as("nagios", report);
  }
  check_golden("formats.nagios.txt", lines);
}

TEST_CASE("high is critical, less is a warning, and what was not looked at is unknown") {
  CHECK(nagios_exit_code(samples::clean()) == 0);
  CHECK(nagios_exit_code(samples::incomplete()) == 3);
  CHECK(nagios_exit_code(samples::messy()) == 2);
  Report report = samples::incomplete();
  report.findings = {{.rule = "a", .severity = Severity::medium}};
  CHECK(nagios_exit_code(report) == 1);
  CHECK(status_of(report) == "CFWARDEN WARNING - 1 medium; 1 not read");
  report.fail_on = Severity::high;
  CHECK(nagios_exit_code(report) == 3);
  report.findings[0].severity = Severity::info;
  report.fail_on = Severity::info;
  CHECK(nagios_exit_code(report) == 3);
  report.interrupted = true;
  CHECK(status_of(report) == "CFWARDEN UNKNOWN - no findings; 1 not read; stopped early");
}

TEST_CASE("the line is under 80 characters, however many findings there are") {
  Report report = samples::incomplete();
  for (const Severity severity :
       {Severity::critical, Severity::high, Severity::medium, Severity::low}) {
    report.findings.insert(report.findings.end(), 100'000, {.rule = "a", .severity = severity});
  }
  report.interrupted = true;
  CHECK(status_of(report) == "CFWARDEN CRITICAL - 400000 findings; 1 not read; stopped early");
}

TEST_CASE("a run that looked at nothing has its reason in one short line") {
  CHECK(nagios_failure("/srv: there is no such file or directory") ==
        "CFWARDEN UNKNOWN - /srv: there is no such file or directory\n");
  const std::string line = nagios_failure("/a|b\x1b[31m\nOK - forged" + std::string(200, 'x'));
  CHECK(line == "CFWARDEN UNKNOWN - /a/b\\x1b[31m\n");
  CHECK(nagios_failure(std::string(200, 'x')).size() == 80);
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "\u4E2D";
  const std::string cut = nagios_failure(wide);
  CHECK(is_valid_utf8(cut));
  CHECK(columns_of(cut.substr(0, cut.size() - 1)) <= 79);
}

TEST_CASE("no format makes a clean host of a sweep that opened no file") {
  const Report report = samples::swept_names();
  CHECK(status_of(report) == "CFWARDEN OK - 3 names found, no file opened");
  CHECK(written_as("junit", report).find("skipped=\"1\"") != std::string::npos);
  CHECK(written_as("prometheus", report).find("look=\"names\"") != std::string::npos);
  for (const char* format : {"github", "junit", "markdown", "sarif"}) {
    CAPTURE(format);
    CHECK(written_as(format, report)
              .find("3 names that are those of credentials; no file was opened") !=
          std::string::npos);
  }
}
