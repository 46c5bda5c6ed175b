#include "cfwarden/output/sarif_rules.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("severities become the scores that GitHub makes the same severities of") {
  CHECK(security_severity(Severity::critical) == "9.5");
  CHECK(security_severity(Severity::high) == "8.0");
  CHECK(security_severity(Severity::medium) == "5.5");
  CHECK(security_severity(Severity::low) == "2.0");
  CHECK(security_severity(Severity::info).empty());
  CHECK(sarif_level(Severity::critical) == "error");
  CHECK(sarif_level(Severity::medium) == "warning");
  CHECK(sarif_level(Severity::info) == "note");
}

TEST_CASE("a rule's name is its id in Pascal's case") {
  CHECK(pascal_case("readable-by-everyone") == "ReadableByEveryone");
  CHECK(pascal_case("x2-y") == "X2Y");
}

TEST_CASE("a text is cut between characters, and says so") {
  CHECK(first_characters("abc", 3) == "abc");
  CHECK(first_characters("abcd", 3) == "ab\xE2\x80\xA6");
  CHECK(first_characters("\xC3\xA9\xC3\xA9\xC3\xA9", 2) == "\xC3\xA9\xE2\x80\xA6");
}

TEST_CASE("a weakness is a tag, and a reference's page a link") {
  const char* reference = "CWE-732, Incorrect: https://cwe.mitre.org/data/definitions/732.html";
  CHECK(weakness_tag(reference) == "external/cwe/cwe-732");
  CHECK(weakness_tag("CWE-, none").empty());
  CHECK(weakness_tag("NIST SP 800-53").empty());
  CHECK(uri_in(reference) == "https://cwe.mitre.org/data/definitions/732.html");
  CHECK(uri_in("see https://a b").empty());
  CHECK(uri_in("none").empty());
}

TEST_CASE("commands stand in a block that they cannot close") {
  const RuleText rule{.rationale = "Why.", .steps = {"Do *it*:\nchmod 0600 FILE\n```\nrm"}};
  CHECK(help_markdown(rule) ==
        "Why.\n\n**What to do**\n\n1. Do &#42;it&#42;:\n\n   ````sh\n   chmod 0600 FILE\n"
        "   ```\n   rm\n   ````\n");
  CHECK(help_text(rule) == "Why.\n\nWhat to do:\n1. Do *it*:\n   chmod 0600 FILE\n   ```\n   rm\n");
}
