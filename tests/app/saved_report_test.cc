#include "cfwarden/app/saved_report.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

namespace {

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const std::string sound = R"({"schema": "cfwarden.report/1",
"tool": {"name": "cfwarden", "version": "0.1.0"},
"host": {"hostname": "edge-1", "root": "/"},
"run": {"started": "2026-11-22T02:20:50Z", "user": "root", "euid": 0},
"complete": true,
"places": [{"path": "/etc/cloudflared", "why": "x", "state": "looked-at"}],
"credentials": [{"id": "c1", "kind": "tunnel-token", "fingerprint": "sha256:0011223344556677",
 "readers": {"audience": "group", "accounts": ["bob"], "because": []},
 "writers": {"audience": "owner", "accounts": [], "because": []}, "surprise": {"a": [1, {}]}}],
"findings": [{"rule": "readable-by-group", "severity": "medium", "title": "t", "message": null,
 "path": "/etc/cloudflared/\\xff", "path_b64": "L2V0Yy9jbG91ZGZsYXJlZC//", "line": null,
 "credential": "c1", "expected": null, "actual": null, "fix": null}],
"gaps": [{"path": "/srv", "why": "w"}], "accounts": [], "summary": {}, "exit": 1, "later": null})";

std::string error_of(const std::string& text) {
  const Result<SavedReport> read = read_saved_report(text, "old.json");
  REQUIRE_FALSE(read);
  return read.error().what;
}

}  // namespace

TEST_CASE("a report is read again, and what it does not know is passed over") {
  const Result<SavedReport> read = read_saved_report(sound, "old.json");
  REQUIRE(read);
  CHECK(read->hostname == "edge-1");
  CHECK(read->complete);
  CHECK_FALSE(read->is_sweep);
  REQUIRE(read->findings.size() == 1);
  CHECK(read->findings[0].severity == Severity::medium);
  CHECK(read->findings[0].path == "/etc/cloudflared/\xff");
  CHECK_FALSE(read->findings[0].line);
  CHECK(read->credentials.at("c1").readers.audience == Audience::group);
  CHECK(read->credentials.at("c1").readers.accounts == std::vector<std::string>{"bob"});
  CHECK_FALSE(read->findings[0].excepted);
  CHECK(read->findings[0].actual.empty());
  CHECK(read_saved_report(with(sound, "\"actual\": null", "\"actual\": \"0640\""), "x")
            ->findings.at(0)
            .actual == "0640");
  CHECK(read->gaps[0].path == "/srv");
  CHECK(read->profile == "baseline");  // Of one that was written before there were any.
  CHECK(read_saved_report(with(sound, "\"euid\"", "\"profile\": \"strict\", \"euid\""), "x")
            ->profile == "strict");
}

TEST_CASE("a finding is excepted where its exception stands beside it") {
  const auto excepted_in = [](const std::string& exception) {
    const Result<SavedReport> read =
        read_saved_report(with(sound, "\"fix\": null}", "\"exception\": " + exception + "}"), "x");
    REQUIRE(read);
    return read->findings.at(0).excepted;
  };
  CHECK_FALSE(excepted_in("null"));
  CHECK(excepted_in(R"({"reason": "r", "owner": "o", "expires": "2026-12-31", "file": "f"})"));
  CHECK(error_of(with(sound, "\"fix\": null}", "\"exception\": true}"))
            .ends_with("`exception` is not an object"));
}

TEST_CASE("an error says where and what, in words of our own") {
  CHECK(error_of("") == "old.json:1: the JSON ends early");
  CHECK(error_of("[]") == "old.json:1: is no report of cfwarden");
  CHECK(error_of(sound + "x") == "old.json:13: the JSON is not valid");
  CHECK(
      error_of(with(sound, "report/1", "report/2")).starts_with("old.json:1: is a report of ano"));
  CHECK(error_of(with(sound, "cfwarden.report/1", "cfwarden.fix/1"))
            .starts_with("old.json:1: is no report of cfwarden: those"));
  CHECK(error_of(with(sound, "\"complete\": true", "\"complete\": 1")) ==
        "old.json:5: `complete` is not true or false");
  CHECK(error_of(with(sound, "\"medium\"", "\"dire\"")) ==
        "old.json:10: `severity` is none of its words");
  CHECK(error_of(with(sound, "\"line\": null", "\"line\": 1e9")) ==
        "old.json:11: `line` is no number of a line");
  CHECK(error_of(with(sound, "\"findings\"", "\"discoveries\"")) ==
        "old.json:1: `findings` is missing");
  CHECK(error_of(with(sound, "\"gaps\": [{", "\"gaps\": [7, {")) ==
        "old.json:13: an element is not an object");
  CHECK(error_of(with(sound, "\"euid\": 0", "\"started\": \"x\"")) ==
        "old.json:4: `started` stands there twice");
  CHECK(error_of(with(sound, "L2V0", "????")) == "old.json:11: `path_b64` is not base64");
}

TEST_CASE("no text of the file stands in an error") {
  const std::string canary = "Kq7vXw3Zp9RtB2mYc8LdN5fHs1GjQ6Tx";
  for (const std::string& text : {"{\"" + canary, with(sound, "\"edge-1\"", canary),
                                  with(sound, "\"medium\"", '"' + canary + '"'),
                                  with(sound, "report/1", "report/" + canary)}) {
    CHECK(error_of(text).find(canary.substr(0, 8)) == std::string::npos);
  }
}

TEST_CASE("a text too long for a report and one nested too deep are refused") {
  const std::string longer(70'000, 'x');
  CHECK(error_of(with(sound, "\"t\"", '"' + longer + '"')) ==
        "old.json:10: a text is longer than 64 KiB");
  CHECK(error_of(std::string(20'000, '[')) == "old.json:1: the JSON is nested deeper than 10,000");
}
