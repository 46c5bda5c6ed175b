#include "cfwarden/app/rule_texts.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cfwarden;

namespace {

const RuleText* find(const std::vector<RuleText>& rules, std::string_view id) {
  const auto found = std::ranges::find(rules, id, &RuleText::id);
  return found == rules.end() ? nullptr : &*found;
}

bool is_asked_of(const RuleText& rule, std::string_view kind) {
  return std::ranges::find(rule.kinds, kind) != rule.kinds.end();
}

}  // namespace

TEST_CASE("every rule says what is wrong, why, and what to do") {
  const auto rules = rule_texts({});
  REQUIRE(rules);
  CHECK(rules->size() == built_in_rules().size() - 1);
  CHECK(find(*rules, "credential-in-repository") == nullptr);  // Only with its profile.
  CHECK(std::ranges::is_sorted(*rules, {}, &RuleText::id));
  for (const RuleText& rule : *rules) {
    CAPTURE(rule.id);
    CHECK_FALSE(rule.title.empty());
    CHECK_FALSE(rule.rationale.empty());
    CHECK_FALSE(rule.steps.empty());
    // More of them are not shown by those who review results.
    CHECK(rule.rationale.size() <= 1024);
  }
}

TEST_CASE("a rule names the kinds that it can be asked of, and only those") {
  const auto rules = rule_texts({});
  REQUIRE(rules);
  const RuleText* certificate = find(*rules, "account-certificate-readable-by-everyone");
  REQUIRE(certificate);
  CHECK(certificate->kinds == std::vector<std::string>{"account-certificate"});
  const RuleText* everyone = find(*rules, "readable-by-everyone");
  REQUIRE(everyone);
  CHECK(is_asked_of(*everyone, "tunnel-token"));
  CHECK_FALSE(is_asked_of(*everyone, "account-certificate"));
  const RuleText* directory = find(*rules, "credential-directory-open");
  REQUIRE(directory);
  CHECK(directory->kinds.empty());
}

TEST_CASE("a rule that is turned off says nothing, and another weight is told") {
  const std::vector<RuleSource> sources{
      {"off.json", R"({"id": "credential-old", "enabled": false})"},
      {"weight.json", R"({"id": "readable-by-group", "severity": "critical"})"}};
  const auto rules = rule_texts(sources);
  REQUIRE(rules);
  CHECK(find(*rules, "credential-old") == nullptr);
  REQUIRE(find(*rules, "readable-by-group"));
  CHECK(find(*rules, "readable-by-group")->severity == Severity::critical);
}
