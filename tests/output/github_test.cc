#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include <algorithm>

using namespace cfwarden;

TEST_CASE("annotations stay as they are") {
  check_golden("formats-messy.github.txt", written_as("github", samples::messy()));
  check_golden("formats-markup.github.txt", written_as("github", samples::markup()));
  check_golden("formats-clean.github.txt", written_as("github", samples::clean()));
}

TEST_CASE("every line is one annotation, and no name can begin or end another") {
  for (const Report& report : {samples::hostile(), samples::markup()}) {
    const auto lines = lines_of(written_as("github", report));
    CHECK(lines.size() == report.findings.size() + report.gaps.size() + 1);
    for (const std::string& line : lines) {
      CAPTURE(line);
      CHECK((line.starts_with("::error ") || line.starts_with("::warning ") ||
             line.starts_with("::notice ")));
      // Up to the message: "file=F,line=N,title=T" or "title=T".
      const std::string properties = line.substr(0, line.find("::", 2));
      CHECK(std::ranges::count(properties, ':') == 2);
      CHECK(std::ranges::count(properties, ',') <= 2);
    }
  }
}

TEST_CASE("what would be decoded is escaped first") {
  Report report;
  report.gaps = {{"/a%0A:b,c", "50%0A, no: yes"}};
  CHECK(lines_of(written_as("github", report))[0] ==
        "::warning file=/a%250A%3Ab%2Cc,title=Not read::50%250A, no: yes (/a%250A:b,c)");
}

TEST_CASE("a file of a repository is named from its top on") {
  Report report = samples::messy();
  report.source_root = "/etc/cloudflared";
  CHECK(lines_of(written_as("github", report))[1].starts_with(
      "::error file=config.yml,line=9,title=high replaceable-by-others::Others can change"));
  CHECK(lines_of(written_as("github", report))[0].starts_with(
      "::error file=/root/.cloudflared/cert.pem,title="));
}
