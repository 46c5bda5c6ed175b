#include "cfwarden/rules/profile.h"

#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace cfwarden;

namespace {

std::string complaint(const std::string& bytes) {
  const auto read = parse_profile("p.json", bytes);
  return read ? "" : read.error().what;
}

std::string profile_with(const std::string& rest) {
  return R"({"id": "ours", "title": "Ours", "description": "Ours.")" + rest + "}";
}

const Rule& rule_in(const std::vector<Rule>& rules, const std::string& id) {
  const auto found = std::ranges::find(rules, id, &Rule::id);
  REQUIRE(found != rules.end());
  return *found;
}

}  // namespace

TEST_CASE("every built-in profile is sound, named by its file, and changes what it says") {
  for (const BuiltInProfile& built_in : built_in_profiles()) {
    CAPTURE(built_in.name);
    const auto profile = find_profile(built_in.name);
    REQUIRE_MESSAGE(profile, (profile ? "" : profile.error().what));
    CHECK(profile->id == built_in.name);
    const auto plain = load_rules({}, Extent::verdict);
    const auto rules = load_rules({}, Extent::verdict, &*profile);
    REQUIRE_MESSAGE(rules, (rules ? "" : rules.error().what));
    REQUIRE(plain);
    for (const RuleChange& change : profile->changes) {
      CAPTURE(change.rule);
      const Rule& before = rule_in(*plain, change.rule);
      const Rule& after = rule_in(*rules, change.rule);
      CHECK((before.severity != after.severity || before.enabled != after.enabled));
      CHECK(after.file.find(profile->file) != std::string::npos);
      CHECK(after.own_severity.value_or(after.severity) == before.severity);
    }
  }
}

TEST_CASE("baseline, strict, container and repository are there, and baseline changes nothing") {
  for (const char* name : {"baseline", "strict", "container", "repository"}) {
    CAPTURE(name);
    CHECK(find_profile(name));
  }
  CHECK(find_profile("baseline")->changes.empty());
}

TEST_CASE("strict makes nothing milder, and turns nothing off") {
  const auto profile = find_profile("strict");
  const auto plain = load_rules({}, Extent::verdict);
  REQUIRE(profile);
  REQUIRE(plain);
  for (const RuleChange& change : profile->changes) {
    CAPTURE(change.rule);
    CHECK(change.enabled.value_or(true));
    CHECK(change.severity.value_or(Severity::info) > rule_in(*plain, change.rule).severity);
  }
}

TEST_CASE("in a repository every usable credential is critical, tracked or not") {
  const auto profile = find_profile("repository");
  REQUIRE(profile);
  const auto rules = load_rules({}, Extent::verdict, &*profile);
  REQUIRE(rules);
  CHECK(profile->git);
  for (const Answer tracked : {Answer::no, Answer::yes, Answer::unknown}) {
    Subject subject;
    subject.path = "/srv/repo/.env";
    subject.credential.kind = "tunnel-token";
    subject.credential.authority = Authority::run_tunnel;
    subject.credential.secret_bytes = 32;
    subject.tracking = Tracking{.is_tracked = tracked};
    const auto findings = findings_of(*rules, subject);
    const std::string rule =
        tracked == Answer::yes ? "credential-tracked-by-git" : "credential-in-repository";
    const auto found = std::ranges::find(findings, rule, &Finding::rule);
    REQUIRE(found != findings.end());
    CHECK(found->severity == Severity::critical);
  }
}

TEST_CASE("what a profile changes, a file of the user's may change again") {
  const auto profile = find_profile("strict");
  REQUIRE(profile);
  const RuleSource source{.file = "own.json",
                          .bytes = R"({"id": "readable-by-group", "severity": "info"})"};
  const auto rules = load_rules({&source, 1}, Extent::verdict, &*profile);
  REQUIRE(rules);
  CHECK(rule_in(*rules, "readable-by-group").severity == Severity::info);
  CHECK(rule_in(*rules, "readable-by-everyone").severity == Severity::critical);
}

TEST_CASE("with a profile every rule that it asks is read, whatever the subjects") {
  const auto profile = find_profile("repository");
  REQUIRE(profile);
  const auto rules = load_verdicts({}, {}, &*profile);
  REQUIRE(rules);
  CHECK(rule_in(*rules, "credential-in-repository").enabled);
  const auto baseline = find_profile("baseline");
  REQUIRE(baseline);
  CHECK(load_verdicts({}, {}, &*baseline)->empty());
}

TEST_CASE("a profile that is wrong is refused with line and key") {
  CHECK(complaint(profile_with("")).empty());
  CHECK(complaint("[]") == "p.json:1: a profile is an object");
  CHECK(complaint("{}") == "p.json:1: key 'id': missing");
  CHECK(
      complaint(R"({"id": "../x", "title": "T", "description": "D"})").find("joined by hyphens") !=
      std::string::npos);
  CHECK(complaint(profile_with(R"(, "rulez": {})")).find("did you mean 'rules'?") !=
        std::string::npos);
  CHECK(complaint(profile_with(R"(, "rules": [])")) == "p.json:1: key 'rules': must be an object");
  CHECK(complaint(profile_with(R"(, "rules": {"mode-too-wide": {}})")).find("changes nothing") !=
        std::string::npos);
  CHECK(complaint(profile_with(R"(, "rules": {"mode-too-wide": {"severity": "hihg"}})"))
            .find("did you mean 'high'?") != std::string::npos);
  CHECK(complaint(profile_with(R"(, "rules": {"mode-too-wide": {"enabled": "no"}})"))
            .find("must be true or false") != std::string::npos);
  CHECK(complaint(profile_with(R"(, "settings": {"fail_on": "info"})"))
            .find("allowed: low, medium, high, critical") != std::string::npos);
  CHECK(complaint(profile_with(R"(, "title": "twice")")).find("given twice") != std::string::npos);
}

TEST_CASE("a rule that there is not is refused, and the one that was meant is named") {
  const auto profile =
      parse_profile("p.json", profile_with(R"(, "rules": {"mode-to-wide": {"enabled": false}})"));
  REQUIRE(profile);
  const auto rules = load_rules({}, Extent::verdict, &*profile);
  REQUIRE_FALSE(rules);
  CHECK(rules.error().what == "p.json:1: there is no such rule, did you mean 'mode-too-wide'?");
}

TEST_CASE("a name that is no profile's is told with those that are") {
  const auto profile = find_profile("strickt");
  REQUIRE_FALSE(profile);
  CHECK(profile.error().what.find("did you mean 'strict'?") != std::string::npos);
  CHECK(profile.error().what.find("baseline, container, repository, strict") != std::string::npos);
  for (const char* name : {"", "../strict", "Strict", "a/b", "strict.json"}) {
    CAPTURE(name);
    CHECK_FALSE(is_profile_name(name));
  }
}
