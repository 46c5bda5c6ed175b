#include "cfwarden/app/exceptions.h"

#include "cfwarden/app/summary.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

using namespace cfwarden;

namespace {

constexpr std::int64_t today = 20'779;  // 2026-11-22
constexpr std::int64_t day = 86'400;
const std::string token = "/etc/cloudflared/token";

Exception exception(const std::string& path, std::int64_t days = 100) {
  return {.rule = "readable-by-everyone",
          .path = path,
          .reason = "a reason",
          .owner = "somebody",
          .expires = "a day",
          .last_day = today + days,
          .file = "/etc/cfwarden/exceptions.d/one.json"};
}

Subject readable_token() {
  Subject subject;
  subject.path = token;
  subject.facts.permissions.mode = 0644;
  subject.credential.kind = "tunnel-token";
  subject.credential.fingerprint = "sha256:0123456789abcdef";
  subject.credential.authority = Authority::run_tunnel;
  subject.credential.secret_bytes = 32;
  subject.exposure.readers = {.audience = Audience::everyone, .strangers = true};
  subject.place = PlaceKind::default_directory;
  return subject;
}

// A host whose only fault is that token, looked at as `change` says.
template <class Change>
Audit audit_with(const std::vector<Exception>& exceptions, Change change) {
  Audit audit;
  audit.subjects.push_back(readable_token());
  audit.report.hostname = "web-1";
  audit.report.started = today * day + 3600;
  audit.report.places = {{.path = "/etc/cloudflared", .why = "default directory"}};
  change(audit);
  std::vector<ExceptionPtr> all;
  for (const Exception& one : exceptions) all.push_back(std::make_shared<const Exception>(one));
  add_exceptions(audit.subjects, all, audit.report);
  auto rules = load_verdicts({}, audit.subjects);
  REQUIRE(rules);
  audit.rules = std::move(*rules);
  std::erase_if(audit.rules, [](const Rule& rule) {
    return rule.id != "readable-by-everyone" && !rule.id.starts_with("exception-");
  });
  summarise(audit, Severity::low);
  return audit;
}

Audit audit_with(const std::vector<Exception>& exceptions) {
  return audit_with(exceptions, [](Audit&) {});
}

std::vector<std::string> rules_of(const Audit& audit) {
  std::vector<std::string> rules;
  for (const Finding& finding : audit.report.findings) rules.push_back(finding.rule);
  return rules;
}

using Rules = std::vector<std::string>;

const Finding& finding_of(const Audit& audit, const std::string& rule) {
  const auto found = std::ranges::find(audit.report.findings, rule, &Finding::rule);
  REQUIRE(found != audit.report.findings.end());
  return *found;
}

}  // namespace

TEST_CASE("an accepted finding stays, and counts for nothing") {
  const Audit without = audit_with({});
  CHECK(without.report.exit_code == 1);
  const Audit audit = audit_with({exception(token)});
  REQUIRE(rules_of(audit) == Rules{"readable-by-everyone"});
  const Finding& finding = audit.report.findings.front();
  REQUIRE(finding.exception != nullptr);
  CHECK(finding.exception->owner == "somebody");
  CHECK(finding.severity == Severity::high);
  CHECK(audit.report.exit_code == 0);
  CHECK(audit.report.count(Severity::high) == 0);
  CHECK(audit.report.excepted() == 1);
  CHECK_FALSE(audit.report.fails(finding));
}

TEST_CASE("an exception that has ended accepts nothing, and is a finding with its file as path") {
  const Audit audit = audit_with({exception(token, -1)});
  CHECK(rules_of(audit) == Rules{"readable-by-everyone", "exception-expired"});
  CHECK(finding_of(audit, "readable-by-everyone").exception == nullptr);
  CHECK(finding_of(audit, "exception-expired").path == "/etc/cfwarden/exceptions.d/one.json");
  CHECK(audit.report.exit_code == 1);
}

TEST_CASE("an expired exception fails a run that has no other finding") {
  const Audit audit =
      audit_with({exception(token, -1)}, [](Audit& host) { host.subjects.clear(); });
  CHECK(rules_of(audit) == Rules{"exception-expired"});
  CHECK(audit.report.exit_code == 1);
}

TEST_CASE("two weeks before its end an exception says so, and still accepts") {
  CHECK(rules_of(audit_with({exception(token, 15)})) == Rules{"readable-by-everyone"});
  for (const std::int64_t days : {0, 14}) {
    const Audit audit = audit_with({exception(token, days)});
    CAPTURE(days);
    CHECK(rules_of(audit) == Rules{"exception-ends-soon", "readable-by-everyone"});
    CHECK(audit.report.exit_code == 0);
    CHECK(finding_of(audit, "readable-by-everyone").exception != nullptr);
  }
}

TEST_CASE("an exception of another host is nobody's business here") {
  Exception other = exception(token, -1);
  other.host = "db-*";
  CHECK(rules_of(audit_with({other})) == Rules{"readable-by-everyone"});
  other.host = "web-*";
  other.last_day = today + 50;
  CHECK(audit_with({other}).report.excepted() == 1);
}

TEST_CASE("of two that accept the same the first one answers, and both are used") {
  Exception other = exception("/etc/**");
  other.owner = "somebody else";
  const Audit audit = audit_with({exception(token), other});
  REQUIRE(rules_of(audit) == Rules{"readable-by-everyone"});
  CHECK(audit.report.findings.front().exception->owner == "somebody");
}

TEST_CASE("an expired exception does not hide one that holds") {
  const Audit audit = audit_with({exception(token, -3), exception("/etc/**")});
  CHECK(finding_of(audit, "readable-by-everyone").exception != nullptr);
  CHECK(audit.report.exit_code == 1);  // For the expired one.
}

TEST_CASE("excepted findings come last, however bad") {
  const Audit audit = audit_with({exception(token)}, [](Audit& host) {
    Subject second = readable_token();
    second.path = "/etc/cloudflared/b.token";
    host.subjects.push_back(second);
  });
  REQUIRE(audit.report.findings.size() == 2);
  CHECK(audit.report.findings[0].path == "/etc/cloudflared/b.token");
  CHECK(audit.report.findings[1].exception != nullptr);
}

TEST_CASE("an exception that matches nothing is told of where all that it names was looked at") {
  const auto is_told = [](const std::string& path, auto change) {
    return rules_of(audit_with({exception(path)}, change)) ==
           Rules{"readable-by-everyone", "exception-unused"};
  };
  const auto as_it_is = [](Audit&) {};
  const std::string gone = "/etc/cloudflared/gone.json";
  CHECK(is_told(gone, as_it_is));
  CHECK(is_told("/etc/cloudflared/below/gone.json", as_it_is));
  CHECK_FALSE(is_told("/etc/cloudflared/a/b/c.json", as_it_is));
  CHECK(is_told("/etc/cloudflared/gone*", as_it_is));
  CHECK(is_told("/etc/cloudflared/*/gone.json", as_it_is));
  CHECK_FALSE(is_told("/etc/cloudflared/*/*/gone.json", as_it_is));
  CHECK_FALSE(is_told("/etc/cloudflared/**.json", as_it_is));  // An audit does not go so deep.
  CHECK_FALSE(is_told("/etc/cloud*/gone.json", as_it_is));
  CHECK_FALSE(is_told("/srv/gone*", as_it_is));
  CHECK_FALSE(is_told("/srv/gone.json", as_it_is));
  CHECK_FALSE(is_told("**/gone.json", as_it_is));
  CHECK_FALSE(is_told(gone, [](Audit& audit) { audit.report.gaps = {{"/x", "denied"}}; }));
  CHECK_FALSE(is_told(gone, [](Audit& audit) { audit.report.interrupted = true; }));
  CHECK_FALSE(
      is_told(gone, [](Audit& audit) { audit.report.places[0].state = PlaceState::excluded; }));
  CHECK(is_told(gone, [](Audit& audit) { audit.report.places[0].state = PlaceState::absent; }));
  CHECK_FALSE(
      is_told(gone, [](Audit& audit) { audit.report.places[0].kind = PlaceKind::argument; }));
}

TEST_CASE("what was left out on purpose was not looked at") {
  const auto is_told = [](const std::string& path, const std::string& excluded) {
    return rules_of(audit_with({exception(path)}, [&](Audit& audit) {
             audit.report.left_out.excludes = {excluded};
           })) == Rules{"readable-by-everyone", "exception-unused"};
  };
  CHECK(is_told("/etc/cloudflared/gone.json", "/srv/**"));
  CHECK(is_told("/etc/cloudflared/gone*", "/srv/**"));
  CHECK_FALSE(is_told("/etc/cloudflared/gone.json", "/etc/cloudflared/gone.json"));
  CHECK_FALSE(is_told("/etc/cloudflared/gone.json", "gone*"));
  CHECK_FALSE(is_told("/etc/cloudflared/gone*", "*.json"));
  CHECK_FALSE(is_told("/etc/cloudflared/gone*", "/etc/cloudflared/gone.json"));
  CHECK_FALSE(is_told("/etc/cloudflared/gone*", "/etc"));
}

TEST_CASE("an exception without a path is told of by a look at the whole host") {
  const auto is_told = [](Exception wanted, auto change) {
    return rules_of(audit_with({std::move(wanted)}, change)) ==
           Rules{"readable-by-everyone", "exception-unused"};
  };
  const auto as_it_is = [](Audit&) {};
  Exception of_secret = exception("");
  of_secret.fingerprint = "sha256:ffffffffffffffff";
  Exception of_tunnel = exception("");
  of_tunnel.tunnel = "6f1b0000-0000-4000-8000-000000000001";
  Exception of_account = exception("");
  of_account.account = "9f3c";
  Exception of_host = exception("");
  of_host.rule = "mode-too-wide";
  of_host.host = "web-*";
  for (const Exception& one : {of_secret, of_tunnel, of_account, of_host}) {
    CHECK(is_told(one, as_it_is));
    CHECK_FALSE(is_told(one, [](Audit& audit) { audit.report.gaps = {{"/x", "denied"}}; }));
    CHECK_FALSE(is_told(one, [](Audit& audit) { audit.of_one_account = true; }));
    CHECK_FALSE(is_told(one, [](Audit& audit) { audit.report.sees_all_homes = false; }));
    CHECK_FALSE(is_told(one, [](Audit& audit) { audit.report.left_out.excludes = {"/srv"}; }));
    CHECK_FALSE(is_told(one, [](Audit& audit) {
      audit.report.places = {{.path = "/etc", .kind = PlaceKind::argument, .why = "named"}};
    }));
  }
}

TEST_CASE("an audit says nothing of rules that only a sweep can answer") {
  for (const char* rule : {"credential-tracked-by-git", "credential-in-log", "credential-staged"}) {
    CAPTURE(rule);
    Exception one = exception("/etc/cloudflared/gone.json");
    one.rule = rule;
    CHECK(rules_of(audit_with({one})) == Rules{"readable-by-everyone"});
  }
}

TEST_CASE("a look says nothing of a rule that it did not ask") {
  Audit audit = audit_with({exception("/etc/cloudflared/gone.json")});
  for (Rule& rule : audit.rules) rule.enabled = rule.id != "readable-by-everyone";
  audit.report.findings.clear();
  apply_exceptions(audit);
  CHECK(audit.subjects.back().exception->used == Answer::unknown);
}

TEST_CASE("a sweep of what is staged looks at no more than that") {
  const auto is_told = [](bool staged) {
    const Audit audit = audit_with({exception("/srv/a/.env")}, [&](Audit& host) {
      host.subjects.clear();
      host.report.places = {{.path = "/srv/a", .kind = PlaceKind::argument, .why = "named"}};
      host.report.sweep = SweptReport{};
      if (staged) host.report.sweep->staged = StagedCounts{};
    });
    return rules_of(audit) == Rules{"exception-unused"};
  };
  CHECK(is_told(false));
  CHECK_FALSE(is_told(true));
}

TEST_CASE("a sweep knows nothing of file systems that it kept away from") {
  const auto is_told = [](const std::string& path, const std::string& mount, const char* why) {
    const Audit audit = audit_with({exception(path)}, [&](Audit& host) {
      host.subjects.clear();
      host.report.places = {{.path = "/", .kind = PlaceKind::argument, .why = "named"}};
      host.report.sweep = SweptReport{};
      host.report.sweep->skipped = {{.path = mount, .type = "x", .why = why}};
    });
    return rules_of(audit) == Rules{"exception-unused"};
  };
  CHECK(is_told("/srv/a", "/mnt", "remote file system"));
  CHECK(is_told("**", "/sys", "kernel interface"));
  CHECK(is_told("/srv/*.env", "/mnt", "remote file system"));
  CHECK_FALSE(is_told("/mnt/a", "/mnt", "remote file system"));
  CHECK_FALSE(is_told("/mnt/*.env", "/mnt", "remote file system"));
  CHECK_FALSE(is_told("**", "/mnt", "remote file system"));
}

TEST_CASE("a sweep knows all below its paths, of what it asks") {
  const auto is_told = [](Exception wanted, const std::string& place, bool asks_git) {
    const Audit audit = audit_with({std::move(wanted)}, [&](Audit& host) {
      host.subjects.clear();
      host.report.places = {{.path = place, .kind = PlaceKind::argument, .why = "named"}};
      host.report.sweep = SweptReport{.asked_git = asks_git};
    });
    return rules_of(audit) == Rules{"exception-unused"};
  };
  CHECK(is_told(exception("/srv/a/*.env"), "/srv", false));
  CHECK(is_told(exception("**"), "/", false));
  Exception of_secret = exception("");
  of_secret.fingerprint = "sha256:ffffffffffffffff";
  CHECK(is_told(of_secret, "/", false));
  CHECK_FALSE(is_told(of_secret, "/srv", false));
  CHECK_FALSE(is_told(exception("**"), "/srv", false));
  CHECK_FALSE(is_told(exception("/home/a"), "/srv", false));
  Exception of_git = exception("/srv/a/.env");
  of_git.rule = "credential-tracked-by-git";
  CHECK(is_told(of_git, "/srv", true));
  CHECK_FALSE(is_told(of_git, "/srv", false));
  Exception of_copies = exception("/srv/a/.env");
  of_copies.rule = "same-secret-elsewhere";
  CHECK(is_told(of_copies, "/", false));
  CHECK_FALSE(is_told(of_copies, "/srv", false));
  Exception of_directories = exception("/srv/a");
  of_directories.rule = "credential-directory-open";
  CHECK_FALSE(is_told(of_directories, "/", false));
}
