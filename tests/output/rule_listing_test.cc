#include "cfwarden/output/rule_listing.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace cfwarden;

namespace {

std::string listed(const std::vector<ListedRule>& rules) {
  std::ostringstream out;
  write_rule_list(rules, {}, out);
  return out.str();
}

}  // namespace

TEST_CASE("rules stand in columns, with what is turned off and where others come from") {
  const std::string text = listed({{.id = "short", .severity = Severity::high, .title = "A title"},
                                   {.id = "somewhat-longer",
                                    .enabled = false,
                                    .title = "Another",
                                    .file = "/etc/cfwarden/rules.d/a.json",
                                    .built_in = false}});
  CHECK(text ==
        "high     short            A title\n"
        "off      somewhat-longer  Another\n"
        "           from /etc/cfwarden/rules.d/a.json\n");
}

TEST_CASE("no name of a rule, a file, a fact or a word reaches the terminal as it is") {
  const std::string hostile = "x\x1b[2J\ny";
  std::ostringstream out;
  write_rule_list(
      std::vector<ListedRule>{
          {.id = hostile, .title = hostile, .file = hostile, .built_in = false}},
      {}, out);
  write_fact_list(
      std::vector<ListedFact>{
          {.name = hostile, .type = hostile, .summary = hostile, .words = {hostile}}},
      {}, out);
  CHECK(out.str().find('\x1b') == std::string::npos);
  CHECK(out.str().find("\ny") == std::string::npos);
  CHECK(out.str().find("x\\x1b[2J\\ny") != std::string::npos);
}
