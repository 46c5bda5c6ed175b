#include "cfwarden/app/drift.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace cfwarden;

namespace {

const std::string token = "/etc/cloudflared/token";

SavedReport report_with(std::vector<SavedFinding> findings) {
  SavedReport report{.tool_version = "0.1.0", .hostname = "edge-1", .root = "/"};
  report.started = "2026-11-22T02:20:50Z";
  report.complete = true;
  report.places = {{"/etc/cloudflared", PlaceState::looked_at}, {"/root", PlaceState::looked_at}};
  for (const char* id : {"a", "b"}) {
    report.credentials[id] = {.kind = "tunnel-token",
                              .fingerprint = "sha256:" + std::string(16, id[0]),
                              .readers = {},
                              .writers = {}};
  }
  report.findings = std::move(findings);
  return report;
}

SavedFinding finding(const std::string& rule, const std::string& path, std::size_t line,
                     const std::string& credential = "a") {
  return {.rule = rule,
          .severity = Severity::high,
          .title = "title",
          .message = "message",
          .actual = {},
          .path = path,
          .line = line,
          .credential = credential,
          .service = {},
          .excepted = false};
}

Drift between(const SavedReport& older, const SavedReport& newer) {
  const std::vector<std::string_view> own = own_rule_ids();
  return drift_between(older, newer, own);
}

std::string turns(const Drift& drift) {
  std::string text;
  for (const Drifted& one : drift.changes) {
    const char* const words[] = {"new ", "worse ", "unknown ", "better ", "gone "};
    text += words[static_cast<std::size_t>(one.turn)];
  }
  return text + std::to_string(drift.unchanged);
}

}  // namespace

TEST_CASE("a report has not changed against itself") {
  const SavedReport report = report_with({finding("readable-by-everyone", token, 1)});
  const Drift drift = between(report, report);
  CHECK(turns(drift) == "1");
  CHECK(exit_code_of(drift, Severity::low) == 0);
}

TEST_CASE("what is only in one of them is new or gone") {
  const SavedReport older = report_with({finding("readable-by-everyone", token, 1)});
  const SavedReport newer = report_with({finding("readable-by-everyone", "/srv/x", 1)});
  CHECK(turns(between(older, newer)) == "new gone 0");
  CHECK(turns(between(older, report_with({}))) == "gone 0");
  CHECK(exit_code_of(between(older, newer), Severity::high) == 1);
  CHECK(exit_code_of(between(older, newer), Severity::critical) == 0);
  CHECK(exit_code_of(between(older, report_with({})), Severity::low) == 0);
}

TEST_CASE("a finding whose line moved is the same as long as its secret is") {
  const SavedReport older = report_with({finding("token-in-unit", "/etc/x.service", 6)});
  CHECK(turns(between(older, report_with({finding("token-in-unit", "/etc/x.service", 9)}))) == "1");
  CHECK(turns(between(older, report_with({finding("token-in-unit", "/etc/x.service", 6, "b")}))) ==
        "new gone 0");
}

TEST_CASE("of what is about no secret the words or the line tell that it is the same") {
  SavedFinding was = finding("config-points-nowhere", "/etc/cloudflared/config.yml", 3, "");
  SavedFinding moved = was;
  moved.line = 4;
  CHECK(turns(between(report_with({was}), report_with({moved}))) == "1");
  SavedFinding reworded = was;
  reworded.message = "other";
  CHECK(turns(between(report_with({was}), report_with({reworded}))) == "worse 0");
  moved.message = "other";
  CHECK(turns(between(report_with({was}), report_with({moved}))) == "new gone 0");
}

TEST_CASE("what is about no credential becomes worse with its mode") {
  SavedFinding was = finding("credential-directory-open", "/home/bob/.cloudflared", 0, "");
  was.line = std::nullopt;
  was.message = "is 0750, may be at most 0700";
  was.actual = "0750";
  SavedFinding is = was;
  is.message = "is 0777, may be at most 0700";
  is.actual = "0777";
  const Drift drift = between(report_with({was}), report_with({is}));
  CHECK(turns(drift) == "worse 0");
  CHECK(drift.changes[0].why == "was 0750, is 0777");
  CHECK(exit_code_of(drift, Severity::high) == 1);
  CHECK(turns(between(report_with({is}), report_with({was}))) == "1");  // Perhaps another group's.
  CHECK(novelties_in(report_with({was}), report_with({is})) == std::vector{Novelty::worse});
  is.actual = "0705";  // Other bits, not fewer.
  CHECK(turns(between(report_with({was}), report_with({is}))) == "worse 0");
  was.actual = "1777";
  is.actual = "0777";  // Without the sticky bit all may replace.
  CHECK(turns(between(report_with({was}), report_with({is}))) == "worse 0");
}

TEST_CASE("what is about no credential becomes worse with its words, which no order tells") {
  SavedFinding was = finding("config-writable-by-others", "/etc/cloudflared/config.yml", 0, "");
  was.line = std::nullopt;
  was.actual = "writable by group";
  SavedFinding is = was;
  is.actual = "writable by everyone";
  const Drift drift = between(report_with({was}), report_with({is}));
  CHECK(turns(drift) == "worse 0");
  CHECK(drift.changes[0].why == "is not what it was: writable by group");
  is = was;
  is.message = "other";
  CHECK(between(report_with({was}), report_with({is})).changes.at(0).why ==
        "is not what it was: message");
  SavedReport upgraded = report_with({is});
  upgraded.tool_version = "0.2.0";
  CHECK(turns(between(report_with({was}), upgraded)) == "1");
}

TEST_CASE("where lines moved, what kept its words is not taken for what stood there") {
  SavedFinding one = finding("config-points-nowhere", "/etc/cloudflared/config.yml", 3, "");
  SavedFinding two = one;
  two.line = 4;
  two.message = "other";
  const SavedReport older = report_with({one, two});
  one.line = 4;
  two.line = 5;
  CHECK(turns(between(older, report_with({one, two}))) == "2");
}

TEST_CASE("of several that are alike, one more is new") {
  const SavedFinding one = finding("credential-in-log", "/var/log/x", 1);
  const SavedReport older = report_with({one, one});
  CHECK(turns(between(older, report_with({one, one, one}))) == "new 2");
  CHECK(novelties_in(older, report_with({one, one, one})) ==
        std::vector{Novelty::known, Novelty::known, Novelty::fresh});
}

TEST_CASE("another service that cannot read the same file is new") {
  SavedFinding was = finding("service-cannot-read", token, 1);
  was.service = "wiki.service";
  SavedFinding is = was;
  is.service = "shop.service";
  CHECK(turns(between(report_with({was}), report_with({is}))) == "new gone 0");
}

TEST_CASE("a process that was started anew is the same one") {
  const auto of = [](const std::string& path) {
    return report_with({finding("token-in-arguments", path, 1)});
  };
  CHECK(turns(between(of("/proc/17/cmdline"), of("/proc/4711/cmdline"))) == "1");
  CHECK(turns(between(of("/proc/17/cmdline"), of("/proc/4711/environ"))) == "new gone 0");
}

TEST_CASE("fingerprints of a host that has got a key since are not compared") {
  const SavedReport older = report_with({finding("readable-by-everyone", token, 1)});
  SavedReport newer = older;
  for (auto& [id, credential] : newer.credentials) credential.fingerprint = "hmac:00";
  CHECK(turns(between(older, newer)) == "1");
}

TEST_CASE("a severity that rose, and readers that are more, are worse") {
  const SavedReport older = report_with({finding("readable-by-group", token, 1)});
  SavedReport newer = older;
  newer.findings[0].severity = Severity::critical;
  Drift drift = between(older, newer);
  CHECK(turns(drift) == "worse 0");
  CHECK(drift.changes[0].why == "was high, is critical");
  CHECK(turns(between(newer, older)) == "better 0");

  newer = older;
  newer.credentials["a"].readers = {.audience = Audience::owner, .accounts = {"bob"}};
  drift = between(older, newer);
  CHECK(turns(drift) == "worse 0");
  CHECK(drift.changes[0].why == "bob can read it now");
  CHECK(novelties_in(older, newer) == std::vector{Novelty::worse});
  CHECK(turns(between(newer, older)) == "better 0");
  CHECK(novelties_in(newer, older) == std::vector{Novelty::known});

  newer.credentials["a"].readers.audience = Audience::everyone;
  CHECK(between(older, newer).changes[0].why == "who can read it: was owner, is everyone");
}

TEST_CASE("what an exception accepts never fails, and counts again when there is none any more") {
  const SavedReport live = report_with({finding("readable-by-everyone", token, 1)});
  SavedReport excepted = live;
  excepted.findings[0].excepted = true;

  Drift drift = between(excepted, live);
  CHECK(turns(drift) == "worse 0");
  CHECK(drift.changes[0].why == "no exception accepts it any more");
  CHECK(exit_code_of(drift, Severity::low) == 1);
  CHECK(drift.excepted == 0);
  CHECK(novelties_in(excepted, live) == std::vector{Novelty::worse});

  drift = between(live, excepted);
  CHECK(turns(drift) == "better 0");
  CHECK(drift.count(Turn::better) == 0);
  CHECK(drift.excepted == 1);
  CHECK(exit_code_of(drift, Severity::low) == 0);

  drift = between(report_with({}), excepted);
  CHECK(turns(drift) == "new 0");
  CHECK(drift.changes[0].excepted);
  CHECK(drift.count(Turn::fresh) == 0);
  CHECK(drift.excepted == 1);
  CHECK(exit_code_of(drift, Severity::low) == 0);

  SavedReport graver = excepted;
  graver.findings[0].severity = Severity::critical;
  CHECK(turns(between(excepted, graver)) == "worse 0");
  CHECK(exit_code_of(between(excepted, graver), Severity::low) == 0);

  drift = between(excepted, excepted);
  CHECK(turns(drift) == "0");
  CHECK(drift.excepted == 1);

  drift = between(excepted, report_with({}));
  CHECK(turns(drift) == "gone 0");
  CHECK(drift.count(Turn::gone) == 1);
}

TEST_CASE("what was not looked at again is unknown, never gone, and the run is not clean") {
  const SavedReport older = report_with({finding("readable-by-everyone", token, 1)});
  const auto expect_unknown = [&](const SavedReport& newer, const char* why) {
    CAPTURE(why);
    const Drift drift = between(older, newer);
    CHECK(turns(drift) == "unknown 0");
    CHECK(drift.changes[0].why == why);
    CHECK(exit_code_of(drift, Severity::low) == 3);
  };
  SavedReport newer = report_with({});
  newer.places = {{"/root", PlaceState::looked_at}};
  expect_unknown(newer, "its place was not looked at again");
  newer.places = {{"/etc/cloudflared", PlaceState::unreadable}, {"/root", PlaceState::looked_at}};
  expect_unknown(newer, "its place was not looked at again");
  newer = report_with({});
  newer.complete = false;
  expect_unknown(newer, "the newer look was stopped before its end");
  for (const char* path : {"/etc/cloudflared/token", "/etc/cloudflared", "/etc", "/"}) {
    newer.gaps = {{path, "why"}};
    expect_unknown(newer, "it could not be looked at");
  }
  newer.gaps = {{"", "3 more"}};
  expect_unknown(newer, "more could not be looked at than the newer report lists");
  newer = report_with({});
  newer.left_out.excludes = {"/etc/cloudflared"};
  expect_unknown(newer, "its path was excluded");
  newer = report_with({});
  newer.left_out.rules_off = {"readable-by-everyone"};
  expect_unknown(newer, "its rule was not asked");
  newer = report_with({});
  newer.skipped = {"/etc"};
  expect_unknown(newer, "its file system was left out");
}

TEST_CASE("outside of all places it is unknown while any place was not looked at again") {
  const SavedReport older = report_with({finding("token-in-unit", "/lib/x.service", 1)});
  SavedReport newer = report_with({});
  CHECK(turns(between(older, newer)) == "gone 0");
  newer.places.pop_back();
  CHECK(turns(between(older, newer)) == "unknown 0");
}

TEST_CASE("globs and paths that would take hours are told of and not held together") {
  std::string deep;
  while (deep.size() < 60'000) deep += "/a";
  std::vector<SavedFinding> findings(100, finding("readable-by-everyone", deep, 1));
  findings.push_back(finding("readable-by-everyone", token, 1));
  SavedReport newer = report_with({});
  newer.left_out.excludes.assign(100, std::string(2000, '*') + "/b");
  const Drift drift = between(report_with(findings), newer);
  REQUIRE(drift.changes.size() == 101);
  CHECK(drift.count(Turn::unknown) + drift.count(Turn::gone) == 101);
  CHECK(drift.changes[0].why == "whether its path was excluded takes too long to tell");
  CHECK(exit_code_of(drift, Severity::low) == 3);
}

TEST_CASE("a place that is no more has nothing in it any more") {
  const SavedReport older = report_with({finding("readable-by-everyone", token, 1)});
  SavedReport newer = report_with({});
  newer.places[0].state = PlaceState::absent;
  CHECK(turns(between(older, newer)) == "gone 0");
}

TEST_CASE("a gap elsewhere leaves in doubt only what hangs on the whole host") {
  SavedReport older = report_with(
      {finding("readable-by-everyone", token, 1), finding("same-secret-elsewhere", token, 1)});
  SavedReport newer = report_with({});
  newer.complete = false;
  newer.gaps = {{"/srv", "why"}};
  older.gaps = newer.gaps;
  older.complete = false;
  CHECK(turns(between(older, newer)) == "unknown gone 0");
}

TEST_CASE("a rule of the host that was taken away leaves its findings in doubt") {
  const SavedReport older = report_with({finding("our-own-rule", token, 1)});
  SavedReport newer = report_with({});
  CHECK(turns(between(older, newer)) == "unknown 0");
  newer.left_out.rules_added = {"our-own-rule"};
  CHECK(turns(between(older, newer)) == "gone 0");
}

TEST_CASE("a gap that was there before does not fail every comparison, a new one does") {
  SavedReport older = report_with({});
  older.complete = false;
  older.gaps = {{"/proc/17/environ", "why"}};
  SavedReport newer = older;
  newer.gaps = {{"/proc/42/environ", "why"}};
  CHECK(exit_code_of(between(older, newer), Severity::low) == 0);
  newer.gaps.push_back({"/srv", "why"});
  const Drift drift = between(older, newer);
  REQUIRE(drift.new_gaps.size() == 1);
  CHECK(drift.new_gaps[0].path == "/srv");
  CHECK(exit_code_of(drift, Severity::low) == 3);
  newer = older;
  newer.interrupted = true;
  CHECK(exit_code_of(between(older, newer), Severity::low) == 3);
}

TEST_CASE("reports of two hosts, roots or commands are not compared") {
  const SavedReport older = report_with({});
  SavedReport newer = older;
  CHECK(comparable(older, newer, HostMatch::one_host));
  newer.hostname = "edge-2";
  CHECK_FALSE(comparable(older, newer, HostMatch::one_host));
  CHECK(comparable(older, newer, HostMatch::any_host));
  newer = older;
  newer.root = "/mnt";
  CHECK_FALSE(comparable(older, newer, HostMatch::one_host));
  newer = older;
  newer.is_sweep = true;
  CHECK_FALSE(comparable(older, newer, HostMatch::any_host));
  newer = older;
  newer.names_only = true;
  CHECK_FALSE(comparable(older, newer, HostMatch::any_host));
}

TEST_CASE("reports that were judged by two profiles are not compared, whatever their hosts") {
  const SavedReport older = report_with({});
  SavedReport newer = older;
  newer.profile = "strict";
  CHECK_FALSE(comparable(older, newer, HostMatch::any_host));
  const Result<Done> allowed = comparable(older, newer, HostMatch::one_host);
  REQUIRE_FALSE(allowed);
  CHECK(allowed.error().what ==
        "the older report was judged by the profile baseline and the newer one by the profile "
        "strict: make both with the same --profile");
  newer.profile = "STRICT \x1b";
  CHECK(comparable(older, newer, HostMatch::one_host).error().what.find("STRICT") ==
        std::string::npos);
  CHECK(comparable(newer, newer, HostMatch::one_host));
}

TEST_CASE("rules that hang on the whole host are rules") {
  const std::vector<std::string_view> own = own_rule_ids();
  CHECK(own.size() > 40);
  for (const std::string_view rule : rules_of_the_whole_host()) {
    CAPTURE(rule);
    CHECK(std::ranges::find(own, rule) != own.end());
  }
}
