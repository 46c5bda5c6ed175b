#include "cfwarden/app/summary.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cfwarden;

namespace {

Subject credential_at(const std::string& path, const std::string& fingerprint,
                      std::uint64_t inode) {
  Subject subject;
  subject.path = path;
  subject.facts.id = {1, inode};
  subject.credential.kind = "tunnel-token";
  subject.credential.fingerprint = fingerprint;
  subject.credential.scope.account = "00112233445566778899aabbccddeeff";
  subject.credential.authority = Authority::run_tunnel;
  return subject;
}

Finding finding(Severity severity, const std::string& path, const std::string& rule) {
  Finding one;
  one.severity = severity;
  one.path = path;
  one.rule = rule;
  return one;
}

int exit_at(Severity fail_on, Report report) {
  report.fail_on = fail_on;
  return exit_code_of(report);
}

}  // namespace

TEST_CASE("the exit code counts findings from the wished severity up, and info never") {
  Report report;
  CHECK(exit_at(Severity::low, report) == 0);
  report.findings = {finding(Severity::info, "/a", "r")};
  CHECK(exit_at(Severity::info, report) == 0);
  report.findings.push_back(finding(Severity::low, "/a", "r"));
  CHECK(exit_at(Severity::low, report) == 1);
  CHECK(exit_at(Severity::high, report) == 0);
}

TEST_CASE("an unfinished look is never clean, and findings come before it") {
  Report report;
  report.gaps = {{"/x", "permission denied"}};
  CHECK(exit_at(Severity::low, report) == 3);
  report.findings = {finding(Severity::high, "/a", "r")};
  CHECK(exit_at(Severity::low, report) == 1);
  Report stopped;
  stopped.interrupted = true;
  CHECK(exit_at(Severity::low, stopped) == 3);
}

TEST_CASE("the same secret in two files is known to both, a second name of one file is no copy") {
  Audit audit;
  audit.subjects = {credential_at("/a", "sha256:0123456789abcdef", 1),
                    credential_at("/b", "sha256:0123456789abcdef", 2),
                    credential_at("/a2", "sha256:0123456789abcdef", 1),
                    credential_at("/c", "sha256:ffffffffffffffff", 3)};
  summarise(audit, Severity::low);
  CHECK(audit.subjects[0].same_secret == std::vector<std::string>{"/b"});
  CHECK(audit.subjects[1].same_secret == std::vector<std::string>{"/a", "/a2"});
  CHECK(audit.subjects[3].same_secret.empty());
}

TEST_CASE("credentials without a secret are not copies of each other") {
  Audit audit;
  audit.subjects = {credential_at("/a", "", 1), credential_at("/b", "", 2)};
  summarise(audit, Severity::low);
  CHECK(audit.subjects[0].same_secret.empty());
}

TEST_CASE("a credential's id depends on path, line, kind and fingerprint and on nothing else") {
  Audit audit;
  audit.subjects = {credential_at("/a", "sha256:0123456789abcdef", 1),
                    credential_at("/a", "sha256:0123456789abcdef", 1),
                    credential_at("/b", "sha256:0123456789abcdef", 1)};
  audit.subjects[1].facts.permissions.mode = 0777;
  summarise(audit, Severity::low);
  CHECK(audit.subjects[0].credential_id == audit.subjects[1].credential_id);
  CHECK(audit.subjects[0].credential_id != audit.subjects[2].credential_id);
  CHECK(audit.subjects[0].credential_id.size() == 12);
}

TEST_CASE("an account's line takes the widest authority and the widest audience") {
  Audit audit;
  audit.subjects = {credential_at("/a", "sha256:0123456789abcdef", 1),
                    credential_at("/b", "sha256:ffffffffffffffff", 2)};
  audit.subjects[0].credential.authority = Authority::manage_account;
  audit.subjects[1].exposure.readers.audience = Audience::everyone;
  summarise(audit, Severity::low);
  REQUIRE(audit.report.accounts.size() == 1);
  CHECK(audit.report.accounts[0].credentials == 2);
  CHECK(audit.report.accounts[0].authority == Authority::manage_account);
  CHECK(audit.report.accounts[0].audience == Audience::everyone);
}

TEST_CASE("of a secret in a thousand files each names a few of the others and counts the rest") {
  Audit audit;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    audit.subjects.push_back(
        credential_at("/f" + std::to_string(1000 + i), "sha256:0123456789abcdef", i + 1));
  }
  audit.subjects.push_back(credential_at("/f1", "sha256:0123456789abcdef", 1));
  audit.subjects.push_back(credential_at("/proc/1/cmdline", "sha256:0123456789abcdef", 0));
  summarise(audit, Severity::low);
  for (const Subject& subject : audit.subjects) {
    CHECK(subject.same_secret.size() == 16);
    CHECK(std::ranges::is_sorted(subject.same_secret));
  }
  CHECK(audit.subjects[0].more_same_secret == 999 - 16);  // Its second name is no copy.
  CHECK(audit.subjects[5].more_same_secret == 1000 - 16);
  CHECK(audit.subjects.back().more_same_secret == 1001 - 16);
}

TEST_CASE("a secret in a thousand members of one archive leaves room to name the copy beside it") {
  Audit audit;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    audit.subjects.push_back(credential_at("/a.tgz", "sha256:0123456789abcdef", 1));
    audit.subjects.back().member = "f" + std::to_string(1000 + i);
  }
  audit.subjects.push_back(credential_at("/b", "sha256:0123456789abcdef", 2));
  summarise(audit, Severity::low);
  CHECK(audit.subjects[0].same_secret == std::vector<std::string>{"/b"});
  CHECK(audit.subjects[999].same_secret == std::vector<std::string>{"/b"});
  CHECK(audit.subjects[999].more_same_secret == 0);
  CHECK(audit.subjects[1000].same_secret.size() == 16);
  CHECK(audit.subjects[1000].same_secret.front() == "/a.tgz!f1000");
  CHECK(audit.subjects[1000].more_same_secret == 1000 - 16);
}

TEST_CASE("each account has one line, in their order, and a credential without one adds none") {
  Audit audit;
  for (const std::string account : {"ff", "00", "", "ff", "88"}) {
    audit.subjects.push_back(credential_at("/a", "sha256:0123456789abcdef", 1));
    audit.subjects.back().credential.scope.account = account;
  }
  summarise(audit, Severity::low);
  const std::vector<AccountSummary>& accounts = audit.report.accounts;
  REQUIRE(accounts.size() == 3);
  CHECK(accounts[0].account == "00");
  CHECK(accounts[1].account == "88");
  CHECK(accounts[2].account == "ff");
  CHECK(accounts[0].credentials == 1);
  CHECK(accounts[2].credentials == 2);
}

TEST_CASE("what stands in an archive is reported by the paths of both, and its id by them too") {
  Audit audit;
  audit.subjects = {credential_at("/a.tgz", "sha256:0123456789abcdef", 1),
                    credential_at("/a.tgz", "sha256:0123456789abcdef", 1),
                    credential_at("/b", "sha256:0123456789abcdef", 2)};
  audit.subjects[1].member = "etc/token";
  summarise(audit, Severity::low);
  CHECK(audit.subjects[0].credential_id != audit.subjects[1].credential_id);
  CHECK(audit.report.credentials[1].path == "/a.tgz!etc/token");
  CHECK(audit.subjects[2].same_secret == std::vector<std::string>{"/a.tgz", "/a.tgz!etc/token"});
}

TEST_CASE("findings stand worst first, then by path") {
  Audit audit;
  audit.report.findings = {finding(Severity::low, "/a", "r"), finding(Severity::high, "/b", "r"),
                           finding(Severity::high, "/a", "s")};
  summarise(audit, Severity::low);
  CHECK(audit.report.findings[0].rule == "s");
  CHECK(audit.report.findings[1].path == "/b");
  CHECK(audit.report.findings[2].severity == Severity::low);
}
