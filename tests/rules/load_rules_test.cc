#include "rule_texts.h"

#include <doctest/doctest.h>
#include <algorithm>

using namespace cfwarden;

namespace {

const Rule* rule_named(const Result<std::vector<Rule>>& rules, std::string_view id) {
  REQUIRE_MESSAGE(rules, (rules ? "" : rules.error().what));
  const auto found = std::ranges::find(*rules, id, &Rule::id);
  return found == rules->end() ? nullptr : &*found;
}

std::string load_complaint(std::vector<RuleSource> files) {
  const auto rules = load_rules(files);
  return rules ? "accepted" : rules.error().what;
}

}  // namespace

TEST_CASE("a user's rule is added to the built-in ones") {
  const std::vector<RuleSource> files{{"/r/loose.json", sound_rule}};
  const auto rules = load_rules(files);
  const Rule* rule = rule_named(rules, "loose-token");
  REQUIRE(rule);
  CHECK(rule->file == "/r/loose.json");
  CHECK(rules->size() == built_in_rules().size() + 1);
}

TEST_CASE("a user's rule replaces the built-in one of its id") {
  const std::vector<RuleSource> files{
      {"/r/a.json", replaced(sound_rule, "loose-token", "readable-by-everyone")}};
  const auto rules = load_rules(files);
  const Rule* rule = rule_named(rules, "readable-by-everyone");
  REQUIRE(rule);
  CHECK(rule->title == "A loose token");
  CHECK(rule->file == "/r/a.json");
  CHECK(rules->size() == built_in_rules().size());
}

TEST_CASE("a few keys are enough to turn a rule off or to change its severity") {
  for (const Extent extent : {Extent::whole, Extent::verdict}) {
    const std::vector<RuleSource> files{
        {"/r/a.json", R"({"id": "credential-old", "enabled": false})"},
        {"/r/b.json", R"({"id": "hard-linked", "severity": "critical"})"},
        {"/r/c.json", R"({"id": "default-acl", "enabled": true, "severity": "info"})"}};
    const auto rules = load_rules(files, extent);
    CHECK_FALSE(rule_named(rules, "credential-old")->enabled);
    CHECK(rule_named(rules, "hard-linked")->severity == Severity::critical);
    CHECK(rule_named(rules, "hard-linked")->file ==
          "built in: rules/hard-linked.json, changed by /r/b.json");
    CHECK(rule_named(rules, "default-acl")->severity == Severity::info);
    CHECK(rules->size() == built_in_rules().size());
  }
}

TEST_CASE("a file may change a rule that a later file brings") {
  const std::vector<RuleSource> files{{"/r/a.json", R"({"id": "loose-token", "severity": "low"})"},
                                      {"/r/b.json", sound_rule}};
  CHECK(rule_named(load_rules(files), "loose-token")->severity == Severity::low);
}

TEST_CASE("user files that cannot be meant are refused") {
  const std::pair<std::vector<RuleSource>, std::string_view> cases[] = {
      {{{"a.json", R"({"id": "credential-odl", "enabled": false})"}},
       "a.json:1: key 'id': there is no such rule to change, did you mean 'credential-old'?; a new "
       "rule needs title, when and the rest"},
      {{{"a.json", R"({"id": "credential-old"})"}},
       "a.json:1: changes nothing: give enabled or severity"},
      {{{"a.json", "{\"id\": \"credential-old\",\n\"enabled\": 0}"}},
       "a.json:2: key 'enabled': must be true or false"},
      {{{"a.json", R"({"id": "credential-old", "severity": "lo"})"}},
       "a.json:1: key 'severity': unknown, did you mean 'low'? allowed: info, low, medium, high, "
       "critical"},
      {{{"a.json", R"({"id": "credential-old", "severity": 3})"}},
       "a.json:1: key 'severity': unknown; allowed: info, low, medium, high, critical"},
      {{{"a.json", R"({"id": 7, "enabled": true})"}}, "a.json:1: key 'id': must be text"},
      {{{"a.json", sound_rule}, {"b.json", sound_rule}},
       "b.json: rule 'loose-token' is also in a.json"},
      {{{"a.json", R"({"id": "credential-old", "title": "Half a rule"})"}},
       "a.json:1: key 'severity': missing"},
      {{{"a.json", replaced(sound_rule, "\"0644\"", "\"0600\"")}},
       "a.json: must flag, and does not: kind tunnel-token, path /srv/token, mode 0600"},
  };
  for (const auto& [files, complaint] : cases) CHECK(load_complaint(files) == complaint);
}
