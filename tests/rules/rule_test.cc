#include "cfwarden/rules/rule.h"

#include "rule_texts.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

Rule rule_when(const std::string& when) {
  const std::size_t begin = sound_rule.find("{\n    \"kind\"");
  const std::size_t end = sound_rule.find(",\n  \"fix\"");
  std::string text = sound_rule;
  text.replace(begin, end - begin, when);
  const Result<Rule> rule = parse_rule("rule.json", text);
  REQUIRE_MESSAGE(rule, (rule ? "" : rule.error().what));
  return *rule;
}

Subject token(unsigned mode) {
  Subject subject;
  subject.path = "/srv/token";
  subject.credential.kind = "tunnel-token";
  subject.credential.authority = Authority::run_tunnel;
  subject.credential_id = "0123456789abcdef";
  subject.facts.permissions.mode = mode;
  return subject;
}

bool fires(const std::string& when, const Subject& subject) {
  return matches(rule_when(when), facts_of(subject));
}

}  // namespace

TEST_CASE("all conditions of a rule have to hold") {
  CHECK(fires(R"({"kind": {"any_of": ["tunnel-token"]}, "mode": {"at_least": "0601"}})",
              token(0644)));
  CHECK_FALSE(fires(R"({"kind": {"any_of": ["tunnel-token"]}, "mode": {"at_least": "0601"}})",
                    token(0600)));
  CHECK_FALSE(
      fires(R"({"kind": {"any_of": ["ssh-key"]}, "mode": {"at_least": "0601"}})", token(0644)));
}

TEST_CASE("numbers are compared as numbers, bounds included") {
  CHECK(fires(R"({"mode": {"at_least": "0620", "at_most": "0620"}})", token(0620)));
  CHECK_FALSE(fires(R"({"mode": {"at_least": "0620", "at_most": "0620"}})", token(0621)));
  CHECK_FALSE(fires(R"({"mode": {"at_least": "0620"}})", token(0617)));
  CHECK(fires(R"({"mode": {"at_least": "1000"}})", token(01000)));
  CHECK_FALSE(fires(R"({"mode": {"at_least": "1000"}})", token(0777)));
}

TEST_CASE("on a fact that is not known only a negated condition holds") {
  Subject subject = token(0600);
  subject.age_days = std::nullopt;
  CHECK_FALSE(fires(R"({"age_days": {"at_least": 0}})", subject));
  CHECK_FALSE(fires(R"({"age_days": {"at_most": 9}})", subject));
  CHECK(fires(R"({"age_days": {"not": {"at_least": 0}}})", subject));
  CHECK_FALSE(fires(R"({"zone": {"glob": "**"}})", subject));
  CHECK(fires(R"({"zone": {"not": {"glob": "**"}}})", subject));
}

TEST_CASE("a glob's star stays in one directory, two do not") {
  CHECK(fires(R"({"path": {"glob": "/srv/*"}})", token(0600)));
  CHECK_FALSE(fires(R"({"path": {"glob": "/*"}})", token(0600)));
  CHECK(fires(R"({"path": {"glob": "/**"}})", token(0600)));
  CHECK_FALSE(fires(R"({"path": {"glob": "/**", "not": {"glob": "/srv/*"}}})", token(0600)));
}

TEST_CASE("a finding says where, how bad, what is and what should be") {
  const Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  Subject subject = token(0644);
  subject.line = 7;
  const std::vector<Finding> findings = findings_of({&*rule, 1}, subject);
  REQUIRE(findings.size() == 1);
  const Finding& finding = findings[0];
  CHECK(finding.rule == "loose-token");
  CHECK(finding.severity == Severity::high);
  CHECK(finding.title == "A loose token");
  CHECK(finding.path == "/srv/token");
  CHECK(finding.line == 7);
  CHECK(finding.credential == "0123456789abcdef");
  CHECK(finding.message == "is 0644, may be at most 0600");
  CHECK(finding.expected == "0600");
  CHECK(finding.actual == "0644");
  CHECK(finding.fix == "owner-only");
}

TEST_CASE("a rule that is turned off finds nothing") {
  Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  rule->enabled = false;
  CHECK(findings_of({&*rule, 1}, token(0644)).empty());
}

TEST_CASE("an example that does not behave is named by what it says") {
  Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  std::swap(rule->flags, rule->passes);
  CHECK(failed_example(*rule) ==
        "must flag, and does not: kind tunnel-token, path /srv/token, mode 0600");
  rule->flags.clear();
  CHECK(failed_example(*rule) ==
        "must pass, and is flagged: kind tunnel-token, path /srv/token, mode 0644");
}

TEST_CASE("conditions read as clauses") {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"readers": {"any_of": ["group", "some-users", "everyone"]}})",
       "readers is group, some-users or everyone"},
      {R"({"authority": {"not": {"any_of": ["none"]}}})", "authority is not none"},
      {R"({"links": {"at_least": 2}})", "links is at least 2"},
      {R"({"secret_bytes": {"at_least": 1, "at_most": 31}})", "secret_bytes is 1 to 31"},
      {R"({"mode": {"at_least": "0620", "at_most": "0620"}})", "mode is 0620"},
      {R"({"mode": {"not": {"at_most": "0600"}}})", "mode is not at most 0600"},
      {R"({"carrier": {"glob": "cloudflared-config"}})", "carrier matches cloudflared-config"},
  };
  for (const auto& [when, clause] : cases) CHECK(text_of(rule_when(when).when[0]) == clause);
}
