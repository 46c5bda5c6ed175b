#include "cfwarden/needs/text_variables.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

TEST_CASE("Compose's variables are replaced as Compose does it") {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const Case& row : {
           Case{"plain", "plain"},
           Case{"$A/${A}", "one/one"},
           Case{"${A}-${EMPTY}-${NONE}", "one--"},
           Case{"${NONE:-x}${EMPTY:-y}${EMPTY-z}${NONE-w}", "xyw"},
           Case{"${A:-x}${A-x}", "oneone"},
           Case{"${A:+x}${EMPTY:+x}${EMPTY+y}${NONE+z}", "xy"},
           Case{"${A:?must be set}${NONE:?must be set}", "one"},
           Case{"${NONE:-${NONE:-$A}}", "one"},
           Case{"${NONE:-a}b}", "ab}"},
           Case{"$$A $${A} $$$A", "$A ${A} $one"},
           Case{"$ $1 $-", "$ $1 $-"},
           Case{"${A", "${A"},
           Case{"$", "$"},
           Case{"${}", ""},
           Case{"${A.x}", "one"},
       }) {
    CAPTURE(row.text);
    ExpansionBudget budget;
    TextVariables variables{{{"A", "one"}, {"EMPTY", ""}}, budget};
    CHECK(variables.as_compose(row.text) == row.expected);
  }
}

TEST_CASE("what a text took from its variables is remembered until it is asked for") {
  ExpansionBudget budget;
  TextVariables variables{{{"A", "one"}}, budget};
  (void)variables.as_compose("$A");
  CHECK(variables.took_known());
  CHECK_FALSE(variables.took_known());
  CHECK_FALSE(variables.took_unknown());
  (void)variables.as_compose("${NONE:-x} ${NONE+x}");
  CHECK_FALSE(variables.took_unknown());
  (void)variables.as_compose("${NONE}");
  CHECK(variables.took_unknown());
  (void)variables.as_compose("${NONE:?x}");
  CHECK(variables.took_unknown());
}

TEST_CASE("what is not known becomes what the caller puts for it") {
  ExpansionBudget budget;
  TextVariables variables{{{"EMPTY", ""}}, budget, "?"};
  CHECK(variables.as_compose("$NONE ${NONE} ${NONE:?x} ${NONE-} ${NONE+x} $EMPTY${EMPTY:?x}") ==
        "? ? ?   ");
  CHECK(variables.as_kubernetes("$(NONE)") == "$(NONE)");
}

TEST_CASE("Kubernetes' variables are replaced as the kubelet does it") {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const Case& row : {
           Case{"--token=$(A)", "--token=one"},
           Case{"$(A)$(A)", "oneone"},
           Case{"$(NONE)", "$(NONE)"},
           Case{"$$(A)", "$(A)"},
           Case{"$$$(A)", "$one"},
           Case{"$A ${A}", "$A ${A}"},
           Case{"$(A", "$(A"},
           Case{")$(A", ")$(A"},
           Case{"$", "$"},
           Case{"$()", "$()"},
       }) {
    CAPTURE(row.text);
    ExpansionBudget budget;
    TextVariables variables{{{"A", "one"}}, budget};
    CHECK(variables.as_kubernetes(row.text) == row.expected);
  }
}

TEST_CASE("a short text cannot be made to grow without end") {
  ExpansionBudget budget;
  TextVariables variables{{{"A", std::string(60'000, 'x')}}, budget};
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "$A";
  CHECK(variables.as_compose(text).size() == max_expanded_bytes);
  std::size_t written = 0;
  for (int i = 0; i < 1000; ++i) written += variables.as_compose(text).size();
  CHECK(written <= 256 * 1024);
  CHECK(variables.as_compose(text).empty());
}

TEST_CASE("hostile nesting takes no time") {
  std::string open;
  for (int i = 0; i < 30'000; ++i) open += "${";
  ExpansionBudget budget;
  TextVariables variables{{}, budget};
  CHECK(variables.as_compose(open) == open);
  std::string closed = open;
  closed.append(30'000, '}');
  CHECK(variables.as_compose(closed).size() <= max_expanded_bytes);
  std::string defaults;
  for (int i = 0; i < 9'000; ++i) defaults += "${A:-";
  defaults.append(9'000, '}');
  CHECK(variables.as_compose(defaults).size() <= max_expanded_bytes);
  std::string kube;
  for (int i = 0; i < 30'000; ++i) kube += "$(";
  CHECK(variables.as_kubernetes(kube) == kube);
}

TEST_CASE("an environment file is read as Compose reads it") {
  const auto lines = compose_env_file(
      "# comment\r\n"
      "A=plain value # comment\r\n"
      "  export B = \"quoted # \\\"value\\\"\" # comment\n"
      "C='single \\n $X'\n"
      "D: colon\n"
      "FROM_SHELL\n"
      "=nameless\n"
      "\n"
      "E=\n"
      "F=a=b#c\n"
      "G=\"open");
  REQUIRE(lines.size() == 8);
  CHECK(lines[0].name == "A");
  CHECK(lines[0].value == "plain value");
  CHECK(lines[1].name == "B");
  CHECK(lines[1].value == "quoted # \"value\"");
  CHECK(lines[2].value == "single \\n $X");
  CHECK(lines[3].name == "D");
  CHECK(lines[3].value == "colon");
  CHECK(lines[4].name == "FROM_SHELL");
  CHECK_FALSE(lines[4].value);
  CHECK(lines[5].value == "");
  CHECK(lines[6].value == "a=b#c");
  CHECK(lines[7].value == "open");
}
