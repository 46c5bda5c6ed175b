#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include <nlohmann/json.hpp>

#include <map>

using namespace cfwarden;
using nlohmann::ordered_json;

TEST_CASE("records are as their schema describes them") {
  check_golden("formats-messy.ndjson", written_as("ndjson", samples::messy()));
  check_golden("formats-markup.ndjson", written_as("ndjson", samples::markup()));
  check_golden("formats-swept-names.ndjson", written_as("ndjson", samples::swept_names()));
}

TEST_CASE("every record stands on a line of its own, with host and run") {
  std::map<std::string, std::size_t> counts;
  const Report report = samples::markup();
  for (const std::string& line : lines_of(written_as("ndjson", report))) {
    const auto object = ordered_json::parse(line);
    CHECK(object["schema"] == "cfwarden.record/1");
    CHECK(object["host"].contains("root"));
    CHECK(object["run"].contains("started"));
    CHECK(object.contains(object["record"].get<std::string>()));
    ++counts[object["record"]];
  }
  CHECK(counts["finding"] == report.findings.size());
  CHECK(counts["credential"] == report.credentials.size());
  CHECK(counts["gap"] == report.gaps.size());
  CHECK(counts["end"] == 1);
}

TEST_CASE("the records of a report are its parts") {
  const auto whole = ordered_json::parse(written_as("json", samples::messy()));
  const auto lines = lines_of(written_as("ndjson", samples::messy()));
  CHECK(ordered_json::parse(lines[0])["finding"] == whole["findings"][0]);
  CHECK(ordered_json::parse(lines[9])["credential"] == whole["credentials"][0]);
  const auto end = ordered_json::parse(lines.back())["end"];
  CHECK(end["complete"] == whole["complete"]);
  CHECK(end["summary"] == whole["summary"]);
  CHECK(end["exit"] == whole["exit"]);
}

TEST_CASE("records are ASCII without control bytes, whatever the names") {
  for (const std::string& line : lines_of(written_as("ndjson", samples::hostile()))) {
    for (const char byte : line) CHECK((byte >= 0x20 && byte < 0x7f));
  }
}
