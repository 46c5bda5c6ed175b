#include "cfwarden/rules/exception.h"

#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>

using namespace cfwarden;

namespace {

constexpr const char* file = "/etc/cfwarden/exceptions.d/lab.json";
constexpr const char* sound = R"({
  "rule": "readable-by-group",
  "path": "/srv/lab/*",
  "reason": "the lab's backup runs in that group",
  "owner": "network team",
  "expires": "2026-12-31"
})";

std::string with(std::string key, const std::string& value) {
  key = "\"" + key + "\": \"";
  std::string text = sound;
  const auto at = text.find(key);
  if (at == std::string::npos) return text.insert(text.find('\n'), "\n  " + key + value + "\",");
  const auto begin = at + key.size();
  return text.replace(begin, text.find('"', begin) - begin, value);
}

std::string without(const std::string& key) {
  std::string text = sound;
  const auto begin = text.find("  \"" + key);
  text.erase(begin, text.find('\n', begin) - begin + 1);
  if (const auto comma = text.rfind(",\n}"); comma != std::string::npos) text.erase(comma, 1);
  return text;
}

std::string complaint(const std::string& bytes) {
  const auto read = parse_exception(file, bytes);
  return read ? "" : read.error().what;
}

ReportedCredential credential() {
  ReportedCredential found;
  found.credential.fingerprint = "sha256:0123456789abcdef";
  found.credential.scope.tunnel = "6f1b2c3d-0000-4000-8000-00000000c0de";
  found.credential.scope.account = "9f3c0000aaaa1111bbbb2222cccce1b0";
  return found;
}

Finding finding(const std::string& rule, const std::string& path) {
  Finding one;
  one.rule = rule;
  one.path = path;
  return one;
}

}  // namespace

TEST_CASE("an exception is read with all that it says, and where it stands") {
  const auto read = parse_exception(file, sound);
  REQUIRE(read);
  const Exception& exception = **read;
  CHECK(exception.rule == "readable-by-group");
  CHECK(exception.path == "/srv/lab/*");
  CHECK(exception.owner == "network team");
  CHECK(exception.expires == "2026-12-31");
  CHECK(exception.file == file);
}

TEST_CASE("reason, owner, end, rule and something narrower are required") {
  for (const char* key : {"rule", "reason", "owner", "expires"}) {
    CAPTURE(key);
    CHECK(complaint(without(key)) == std::string{file} + ":1: key '" + key + "': missing");
  }
  CHECK(complaint(without("path")) ==
        std::string{file} +
            ":1: excepts the whole rule: give a path, host, fingerprint, tunnel or account, too");
  for (const char* key : {"reason", "owner", "path", "rule"}) {
    CAPTURE(key);
    CHECK(complaint(with(key, "")).find("must not be empty") != std::string::npos);
  }
}

TEST_CASE("what is wrong is told with line and key, and never repeated") {
  const auto told = [](const std::string& key, const std::string& value, const std::string& what) {
    const std::string text = complaint(with(key, value));
    CAPTURE(text);
    CHECK(text.starts_with(std::string{file} + ":"));
    CHECK(text.find("key '" + key + "': " + what) != std::string::npos);
    CHECK((value.size() < 2 || text.find(value) == std::string::npos));
  };
  told("path", "srv/lab", "must begin with / or **");
  told("path", "*", "must begin with / or **");
  told("path", std::string(5000, '/'), "is too long");
  told("reason", std::string(1001, 'x'), "is too long");
  told("fingerprint", "sha256:0123456789ABCDEF", "must be a fingerprint");
  told("fingerprint", "md5:0123456789abcdef", "must be a fingerprint");
  told("tunnel", "6F1B2C3D-0000-4000-8000-00000000C0DE", "must be a tunnel's id");
  told("account", "not an id", "must be an id");
  told("rule", "Readable By", "must be the name of a rule");
  told("rule", "exception-expired", "a finding about exceptions cannot be excepted");
  CHECK(complaint(with("reason", "two\\nlines")).find("holds a control character") !=
        std::string::npos);
  CHECK(complaint(with("pathh", "/x")).find("did you mean 'path'?") != std::string::npos);
  CHECK(complaint(with("eyJhIjoi", "/x")).find("eyJ") == std::string::npos);
  CHECK(complaint("[]") == std::string{file} + ":1: an exception is an object");
  CHECK(complaint(R"({"rule": 7})").find("key 'rule': must be text") != std::string::npos);
  CHECK(complaint("{").find("not valid JSON") != std::string::npos);
  CHECK(complaint(std::string(70'000, ' ')).find("larger than 64 KiB") != std::string::npos);
  CHECK(complaint(std::string(1000, '[')).find("levels deep") != std::string::npos);
}

TEST_CASE("an end is one day of the calendar and nothing else") {
  for (const char* day :
       {"2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01",
        "2026-12-31T00:00:00Z", "tomorrow", "1969-12-31", "2026-12-3x", "2026/12/31"}) {
    CAPTURE(day);
    CHECK(complaint(with("expires", day)).find("key 'expires': must be the last day") !=
          std::string::npos);
  }
  for (const char* day : {"2024-02-29", "1970-01-01", "9999-12-31"}) {
    CAPTURE(day);
    CHECK(complaint(with("expires", day)).empty());
  }
}

TEST_CASE("an exception holds to the end of its last day in UTC") {
  const auto read = parse_exception(file, sound);
  REQUIRE(read);
  constexpr std::int64_t midnight = 1798761600;  // 2027-01-01T00:00:00Z
  constexpr std::int64_t day = 86400;
  CHECK(days_left(**read, midnight - 1) == 0);
  CHECK(days_left(**read, midnight) == -1);
  CHECK(days_left(**read, midnight - day) == 0);
  CHECK(days_left(**read, midnight - day - 1) == 1);
  CHECK(days_left(**read, midnight - 15 * day) == 14);
}

TEST_CASE("all that an exception gives has to match") {
  const ReportedCredential held = credential();
  const Finding here = finding("readable-by-group", "/srv/lab/token");
  Exception exception{.rule = "readable-by-group", .path = "/srv/lab/*"};
  CHECK(matches(exception, here, &held));
  CHECK(matches(exception, here, nullptr));
  CHECK_FALSE(matches(exception, finding("readable-by-everyone", "/srv/lab/token"), &held));
  CHECK_FALSE(matches(exception, finding("readable-by-group", "/srv/lab/a/token"), &held));
  CHECK_FALSE(matches(exception, finding("readable-by-group", "/srv/lab"), &held));

  const ReportedCredential other;
  const std::pair<std::string Exception::*, std::string> ids[] = {
      {&Exception::fingerprint, held.credential.fingerprint},
      {&Exception::tunnel, held.credential.scope.tunnel},
      {&Exception::account, held.credential.scope.account}};
  for (const auto& id : ids) {
    Exception narrow = exception;
    narrow.*id.first = id.second;
    CAPTURE(id.second);
    CHECK(matches(narrow, here, &held));
    CHECK_FALSE(matches(narrow, here, &other));
    CHECK_FALSE(matches(narrow, here, nullptr));
    narrow.path = "/elsewhere/**";
    CHECK_FALSE(matches(narrow, here, &held));
  }
}

TEST_CASE("an exception for other hosts does not concern this one") {
  Exception exception{.rule = "readable-by-group", .host = "lab-*"};
  CHECK(concerns_host(exception, "lab-7"));
  CHECK_FALSE(concerns_host(exception, "db-1"));
  CHECK_FALSE(concerns_host(exception, ""));
  exception.host.clear();
  CHECK(concerns_host(exception, ""));
}

TEST_CASE("what is written for an exception reads as the same one") {
  for (const ExceptionKey& key : exception_keys()) {
    CAPTURE(key.name);
    const auto read = parse_exception(file, sound);
    REQUIRE(read);
    Exception exception = **read;
    exception.reason = "\"quoted\" \\ and caf\xc3\xa9 \xe2\x80\xae";
    exception.tunnel = "6f1b2c3d-0000-4000-8000-00000000c0de";
    const auto again = parse_exception(file, file_text_of(exception));
    REQUIRE(again);
    CHECK((**again).*key.text == exception.*key.text);
  }
}

TEST_CASE("a file is named by what its exception is about, and by nothing else of it") {
  const auto read = parse_exception(file, sound);
  REQUIRE(read);
  Exception exception = **read;
  const std::string name = file_name_for(exception);
  CHECK(name.starts_with("readable-by-group-"));
  CHECK(name.ends_with(".json"));
  exception.reason = "another one";
  exception.expires = "2027-01-01";
  CHECK(file_name_for(exception) == name);
  exception.path = "/srv/lab/**";
  CHECK(file_name_for(exception) != name);
}

TEST_CASE("the rules about exceptions are those that nobody may except") {
  const auto rules = load_rules({}, Extent::verdict);
  REQUIRE(rules);
  for (const Rule& rule : *rules) {
    const bool is_about = std::ranges::any_of(rule.when, [](const Condition& condition) {
      return condition.fact->name == "subject" &&
             std::ranges::find(condition.any_of, "exception") != condition.any_of.end();
    });
    CAPTURE(rule.id);
    CHECK(is_about_exceptions(rule.id) == is_about);
  }
}
