// Tables of sibling floors that name the same things: only this floor sees both.
#include "cfwarden/base/glob.h"
#include "cfwarden/carriers/carrier.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/remedy/complaint.h"
#include "cfwarden/rules/facts.h"
#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>
#include <vector>

using namespace cfwarden;

TEST_CASE("rules can ask for exactly the kinds there are, in the order of their table") {
  std::vector<std::string_view> names;
  for (const Kind& kind : all_kinds()) names.push_back(kind.name);
  const Fact* fact = find_fact("kind");
  REQUIRE(fact != nullptr);
  CHECK(fact->words() == names);
}

TEST_CASE("every carrier that a built-in rule asks for is one") {
  const Result<std::vector<Rule>> rules = load_rules({});
  REQUIRE(rules);
  const Fact* carrier = find_fact("carrier");
  REQUIRE(carrier != nullptr);
  std::size_t conditions = 0;
  for (const Rule& rule : *rules) {
    for (const Condition& condition : rule.when) {
      if (condition.fact != carrier) continue;
      CAPTURE(rule.id);
      CAPTURE(condition.glob);
      ++conditions;
      CHECK(std::ranges::any_of(all_carriers(), [&condition](const Carrier& known) {
        return glob_matches(condition.glob, known.name);
      }));
    }
  }
  CHECK(conditions > 0);
}

TEST_CASE("every rule of which a plan knows what it complains of is a built-in one") {
  const Result<std::vector<Rule>> rules = load_rules({});
  REQUIRE(rules);
  for (const RuleComplaint& row : all_complaints()) {
    CAPTURE(row.rule);
    CHECK(std::ranges::find(*rules, row.rule, &Rule::id) != rules->end());
  }
}
