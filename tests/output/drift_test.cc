#include "cfwarden/output/drift.h"

#include "golden.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace cfwarden;

namespace {

Drift messy() {
  Drift drift;
  drift.older = {.hostname = "edge-1",
                 .root = "/",
                 .started = "2026-11-15T02:20:50Z",
                 .tool_version = "0.1.0"};
  drift.newer = drift.older;
  drift.newer.started = "2026-11-22T02:20:50Z";
  drift.newer.complete = false;
  drift.changes = {
      {.turn = Turn::fresh,
       .severity = Severity::critical,
       .severity_before = {},
       .rule = "account-certificate-readable-by-everyone",
       .title = "Readable",
       .message = "is 0644, may be at most 0600",
       .path =
           "/home/a-person-with-a-long-name/.cloudflared/of-a-project-with-a-long-name/cert.pem",
       .line = {},
       .why = {}},
      {.turn = Turn::fresh,
       .severity = Severity::high,
       .severity_before = {},
       .rule = "hard-linked",
       .title = "Has a second name",
       .message = {},
       .path = "/srv/accepted",
       .line = {},
       .why = {},
       .excepted = true},
      {.turn = Turn::worse,
       .severity = Severity::high,
       .severity_before = Severity::medium,
       .rule = "readable-by-group",
       .title = "Readable",
       .message = "is 0640, may be at most 0600",
       .path = "/srv/stack/.env",
       .line = 3,
       .why = "was medium, is high"},
      {.turn = Turn::unknown,
       .severity = Severity::low,
       .severity_before = {},
       .rule = "hard-linked",
       .title = "Has a second name",
       .message = {},
       .path = "/mnt/\xff\x1b[31m",
       .line = {},
       .why = "its place was not looked at again"},
      {.turn = Turn::better,
       .severity = Severity::low,
       .severity_before = Severity::high,
       .rule = "credential-old",
       .title = "Old",
       .message = "is old",
       .path = "/srv/<secret:0123456789abcdef>",
       .line = {},
       .why = "was high, is low"},
      {.turn = Turn::gone,
       .severity = Severity::high,
       .severity_before = {},
       .rule = "readable-by-everyone",
       .title = "Readable",
       .message = "is 0644, may be at most 0600",
       .path = "/etc/cloudflared/token",
       .line = 1,
       .why = {}}};
  drift.unchanged = 1212;
  drift.excepted = 2;
  drift.new_gaps = {{"/mnt", "is an nfs4 file system"}};
  drift.exit_code = 1;
  return drift;
}

std::string screen_of(const Drift& drift, const Terminal& terminal) {
  std::ostringstream out;
  write_drift(drift, terminal, out);
  return out.str();
}

std::string json_of(const Drift& drift) {
  std::ostringstream out;
  write_drift_json(drift, out);
  return out.str();
}

}  // namespace

TEST_CASE("the screen of what changed") {
  check_golden("drift-messy.txt", screen_of(messy(), {}));
  check_golden("drift-messy-80.txt",
               screen_of(messy(), {.charset = Charset::ascii, .columns = 80}));
  Drift none = messy();
  none.changes.clear();
  none.new_gaps.clear();
  none.newer.complete = true;
  check_golden("drift-none.txt", screen_of(none, {}));
}

TEST_CASE("what changed in JSON is as its schema describes it") {
  check_golden("diff-messy.json", json_of(messy()));
  Drift none = messy();
  none.changes.clear();
  none.new_gaps.clear();
  none.older.hostname.clear();
  none.newer.hostname.clear();
  none.newer.complete = true;
  none.exit_code = 0;
  check_golden("diff-none.json", json_of(none));
}

TEST_CASE("no line is wider than the screen") {
  for (const std::size_t columns : {40U, 60U, 80U, 100U}) {
    std::istringstream lines{screen_of(messy(), {.columns = columns})};
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(columns_of(line) <= columns);
    }
  }
}

TEST_CASE("what was concealed stays as it was, and what was not is concealed") {
  const std::string secret = "Kq7vXw3Zp9RtB2mYc8LdN5fHs1GjQ6TxKq7vXw3Zp9RtB2mYc8LdN5fHs1GjQ6Tx";
  CHECK(concealed_again("/a/<secret:0123456789abcdef>.json") ==
        "/a/<secret:0123456789abcdef>.json");
  CHECK(concealed_again("/a/" + secret).find(secret.substr(0, 8)) == std::string::npos);
  CHECK(concealed_again("<secret:0123456789abcdef>" + secret).find(secret.substr(0, 8)) ==
        std::string::npos);
  CHECK(concealed_again("<secret:nothing>") != "<secret:nothing>");
}
