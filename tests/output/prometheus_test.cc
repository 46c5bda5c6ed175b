#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include <algorithm>
#include <set>

using namespace cfwarden;

TEST_CASE("metrics stay as they are") {
  check_golden("formats-messy.prom", written_as("prometheus", samples::messy()));
  check_golden("formats-markup.prom", written_as("prometheus", samples::markup()));
  check_golden("formats-swept.prom", written_as("prometheus", samples::swept()));
}

TEST_CASE("a host with findings and one without have the same series") {
  const auto series = [](const Report& report) {
    std::set<std::string> names;
    for (const std::string& line : lines_of(written_as("prometheus", report))) {
      names.insert(line.substr(0, line.rfind(' ')));
    }
    return names;
  };
  CHECK(series(samples::empty()) == series(samples::markup()));
  CHECK(series(samples::empty()) != series(samples::swept()));
}

TEST_CASE("metrics hold no name of anything on the host") {
  Report report = samples::markup();
  report.hostname = "some-host";
  const std::string text = written_as("prometheus", report);
  for (const char* name : {"some-host", "/home", "evil", "forged", "token"}) {
    CHECK(text.find(name) == std::string::npos);
  }
}
