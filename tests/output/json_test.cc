#include "cfwarden/base/base64.h"
#include "cfwarden/output/format.h"
#include "cfwarden/output/json_text.h"

#include "golden.h"
#include "samples.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace cfwarden;
using nlohmann::ordered_json;

namespace {

std::string json_of(const Report& report) {
  std::ostringstream out;
  find_format("json")->write(report, {}, out);
  return out.str();
}

std::vector<std::string> keys_of(const ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

bool has_null_array(const ordered_json& value) {
  for (const char* key :
       {"places", "credentials", "findings", "gaps", "accounts", "acl", "because", "needed_by"}) {
    if (value.is_object() && value.contains(key) && value[key].is_null()) return true;
  }
  return std::ranges::any_of(value, [](const ordered_json& child) {
    return child.is_structured() && has_null_array(child);
  });
}

}  // namespace

TEST_CASE("reports are as the schema describes them") {
  check_golden("report-messy.json", json_of(samples::messy()));
  check_golden("report-clean.json", json_of(samples::clean()));
  check_golden("report-empty.json", json_of(samples::empty()));
  check_golden("report-incomplete.json", json_of(samples::incomplete()));
  check_golden("report-needed.json", json_of(samples::needed()));
  check_golden("report-hostile.json", json_of(samples::hostile()));
  check_golden("report-swept.json", json_of(samples::swept()));
  check_golden("report-swept-names.json", json_of(samples::swept_names()));
}

TEST_CASE("a report beside a baseline says what is new, and what was left out") {
  Report report = samples::messy();
  report.interrupted = true;
  report.left_out = {.excludes = {"/srv/*"}, .rules_off = {"hard-linked"}, .rules_added = {"ours"}};
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    report.findings[i].novelty = static_cast<Novelty>(1 + i % 3);
  }
  check_golden("report-baseline.json", json_of(report));
}

TEST_CASE("a report's keys stand in the published order") {
  const auto report = ordered_json::parse(json_of(samples::messy()));
  using Keys = std::vector<std::string>;
  CHECK(keys_of(report) == Keys{"schema", "tool", "host", "run", "complete", "places",
                                "credentials", "findings", "gaps", "accounts", "summary", "exit"});
  CHECK(keys_of(report["credentials"][0]) ==
        Keys{"id", "kind", "status", "reason", "path", "line", "carrier", "authority", "scope",
             "fingerprint", "secret_bytes", "not_after", "expires", "issuer", "audience_claim",
             "file", "readers", "writers", "needed_by"});
  CHECK(keys_of(report["findings"][0]) == Keys{"rule", "severity", "title", "message", "path",
                                               "line", "credential", "expected", "actual", "fix",
                                               "exception"});
  const auto excepted = ordered_json::parse(json_of(samples::excepted()));
  CHECK(keys_of(excepted["findings"].back()["exception"]) ==
        Keys{"reason", "owner", "expires", "file"});
  CHECK(keys_of(excepted["run"]) == Keys{"started", "user", "euid", "profile"});
}

TEST_CASE("values have the published forms") {
  const auto report = ordered_json::parse(json_of(samples::messy()));
  CHECK(report["schema"] == "cfwarden.report/1");
  CHECK(report["run"]["started"] == "2026-11-22T02:20:50Z");
  CHECK(report["complete"] == false);
  CHECK(report["summary"]["critical"] == 1);
  const auto& token = report["credentials"][0];
  CHECK(token["line"] == 9);
  CHECK(token["file"]["mode"] == "0664");
  CHECK(token["file"]["acl"] ==
        ordered_json({"user::rw-", "user:1001:r--", "group::rw-", "mask::rw-", "other::r--"}));
  CHECK(token["scope"]["zone"] == nullptr);
  CHECK(token["not_after"] == nullptr);
  CHECK(report["credentials"][1]["line"] == nullptr);
}

TEST_CASE("of every need stands who it is, whether it can read, and who could have made it up") {
  const auto report = ordered_json::parse(json_of(samples::needed()));
  const auto& needs = report["credentials"][0]["needed_by"];
  using Keys = std::vector<std::string>;
  CHECK(keys_of(needs[0]) ==
        Keys{"who", "user", "can_read", "source", "obstacle", "controlled_by"});
  CHECK(needs[0]["can_read"] == true);
  CHECK(needs[0]["obstacle"] == nullptr);
  CHECK(needs[0]["controlled_by"] == nullptr);
  CHECK(needs[1]["can_read"] == false);
  CHECK(needs[1]["obstacle"] == "cannot search /root (mode 0700, owner root)");
  CHECK(needs[2]["user"] == "dynamic");
  CHECK(needs[3]["can_read"] == nullptr);
  CHECK(needs[3]["source"] == "compose");
  CHECK(report["credentials"][2]["needed_by"][0]["controlled_by"] == "alice");
}

TEST_CASE("arrays are never null") {
  for (const Report& report : {Report{}, samples::empty(), samples::messy()}) {
    CHECK_FALSE(has_null_array(ordered_json::parse(json_of(report))));
  }
}

TEST_CASE("a report is ASCII without control bytes but the newline, whatever the names") {
  const std::string text = json_of(samples::hostile());
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    CHECK((code == '\n' || (code >= 0x20 && code < 0x7f)));
  }
  CHECK(text.ends_with("}\n"));
  CHECK(ordered_json::accept(text));
}

TEST_CASE("a path that is UTF-8 stands as it is; beside another one stand its bytes") {
  const auto report = ordered_json::parse(json_of(samples::hostile()));
  std::size_t with_bytes = 0;
  for (std::size_t i = 0; i < samples::hostile_names().size(); ++i) {
    const std::string path = "/home/eve/.cloudflared/" + samples::hostile_names()[i];
    const auto& gap = report["gaps"][i];
    CAPTURE(i);
    if (is_valid_utf8(path)) {
      CHECK(gap["path"] == path);
      CHECK_FALSE(gap.contains("path_b64"));
    } else {
      CHECK(gap["path"] == printable(path));
      CHECK(gap["path_b64"] == base64_of(path));
      ++with_bytes;
    }
  }
  CHECK(with_bytes == 1);
}

TEST_CASE("a moment that no four-digit year holds is unknown") {
  Report report = samples::clean();
  report.credentials[0].credential.expires = std::int64_t{1} << 62;
  report.credentials[1].credential.expires = -(std::int64_t{1} << 62);
  const auto json = ordered_json::parse(json_of(report));
  CHECK(json["credentials"][0]["expires"] == nullptr);
  CHECK(json["credentials"][1]["expires"] == nullptr);
}

TEST_CASE("formats are found by name") {
  CHECK(find_format("text") != nullptr);
  CHECK(find_format("json") != nullptr);
  CHECK(find_format("JSON") == nullptr);
  CHECK(find_format("") == nullptr);
  for (const Format& format : all_formats()) {
    CAPTURE(format.name);
    CHECK_FALSE(format.summary.empty());
    CHECK(find_format(format.name) == &format);
  }
}
