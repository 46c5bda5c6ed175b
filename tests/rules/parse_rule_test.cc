#include "rule_texts.h"

#include <doctest/doctest.h>
#include <utility>

using namespace cfwarden;

TEST_CASE("a sound rule file is read whole") {
  const Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  CHECK(rule->id == "loose-token");
  CHECK(rule->severity == Severity::high);
  CHECK(rule->enabled);
  CHECK(rule->title == "A loose token");
  CHECK(rule->fix == "owner-only");
  CHECK(rule->message == "is {mode}, may be at most {allowed_mode}");
  CHECK(rule->expected == "{allowed_mode}");
  CHECK(rule->actual == "{mode}");
  CHECK(rule->rationale == "Invented for the tests.");
  CHECK(rule->references == std::vector<std::string>{"CWE-732"});
  CHECK(rule->file == "rule.json");
  REQUIRE(rule->remediation.size() == 3);
  CHECK(rule->remediation[1] == "Close it:\nchmod {mended_mode} {path:quoted}");
  CHECK(failed_example(*rule).empty());
}

TEST_CASE("the conditions of a rule are typed by their facts, and a negated one stands beside") {
  const Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  REQUIRE(rule->when.size() == 4);
  CHECK(text_of(rule->when[0]) == "kind is tunnel-token");
  CHECK(text_of(rule->when[1]) == "mode is at least 0601");
  CHECK(text_of(rule->when[2]) == "path matches /srv/**");
  CHECK(text_of(rule->when[3]) == "path does not match /srv/safe/**");
  CHECK(rule->when[1].at_least == 0601);
}

TEST_CASE("what is wrong with a rule file is said with file, line, key and what is allowed") {
  struct Spoiled {
    std::string_view from, to, complaint;
  };
  const Spoiled cases[] = {
      {"\"severity\": \"high\"", "\"severty\": \"high\"",
       "rule.json:3: key 'severty': unknown, did you mean 'severity'? allowed: id, severity, "
       "enabled, title, when, fix, message, expected, actual, rationale, remediation, references, "
       "flags, passes"},
      {"\"severity\": \"high\",", "", "rule.json:1: key 'severity': missing"},
      {"\"high\"", "\"hihg\"",
       "rule.json:3: key 'severity': 'hihg': unknown, did you mean 'high'? allowed: info, low, "
       "medium, high, critical"},
      {"\"high\"", "3", "rule.json:3: key 'severity': must be text, not a number"},
      {"\"A loose token\"", "[\"A loose token\"]",
       "rule.json:4: key 'title': must be text, not a list"},
      {"\"A loose token\"", "\"\"", "rule.json:4: key 'title': must not be empty"},
      {"\"A loose token\"", "\"A \\u001b[31mtoken\"",
       "rule.json:4: key 'title': holds a control character"},
      {"loose-token", "Loose Token",
       "rule.json:2: key 'id': must be lower-case words joined by hyphens, 64 characters at most"},
      {"\"kind\"", "\"kinds\"",
       "rule.json:6: fact 'kinds': unknown, did you mean 'kind'? allowed: "
       "subject, kind, status"},
      {"tunnel-token", "tunnel-tokens",
       "rule.json:6: key 'kind': 'tunnel-tokens': unknown, did you mean 'tunnel-token'? allowed: "
       "account-certificate, tunnel-credentials, tunnel-token"},
      {"{\"any_of\": [\"tunnel-token\"]}", "{\"glob\": \"tunnel-*\"}",
       "rule.json:6: key 'glob': unknown; allowed: any_of, not"},
      {"{\"any_of\": [\"tunnel-token\"]}", "{\"any_of\": []}",
       "rule.json:6: key 'any_of': must not be empty"},
      {"{\"any_of\": [\"tunnel-token\"]}", "{}",
       "rule.json:6: key 'kind': must hold a test: any_of or not"},
      {"{\"any_of\": [\"tunnel-token\"]}", "\"tunnel-token\"",
       "rule.json:6: key 'kind': must be an object, not text"},
      {"\"0601\"", "601",
       "rule.json:7: key 'at_least': mode is a mode: write four octal digits in quotes, \"0640\""},
      {"\"0601\"", "\"0681\"",
       "rule.json:7: key 'at_least': mode is a mode: write four octal digits in quotes, \"0640\""},
      {"\"0601\"", "\"601\"",
       "rule.json:7: key 'at_least': mode is a mode: write four octal digits in quotes, \"0640\""},
      {"\"0601\"", "\"0601\", \"at_most\": \"0600\"",
       "rule.json:7: key 'mode': at_least is more than at_most"},
      {"{\"glob\": \"/srv/safe/**\"}", "{}", "rule.json:8: key 'not': must hold a test"},
      {"{\"glob\": \"/srv/safe/**\"}", "{\"not\": {\"glob\": \"*\"}}",
       "rule.json:8: key 'not': unknown"},
      {"{\"glob\": \"/srv/safe/**\"}", "true",
       "rule.json:8: key 'not': must be an object, not true or false"},
      {"owner-only", "owner-onyl",
       "rule.json:10: key 'fix': 'owner-onyl': unknown, did you mean 'owner-only'? allowed: "
       "owner-only, remove-acl, set-owner"},
      {"is {mode}", "is {moed}",
       "rule.json:11: key 'message': placeholder '{moed}': unknown, did you mean 'mode'? "
       "allowed: "},
      {"is {mode}", "is {mode:hex}",
       "rule.json:11: key 'message': placeholder '{mode}': only ':quoted' may follow the fact"},
      {"{path:quoted}\"]", "{path}\"]",
       "rule.json:15: key 'remediation': placeholder '{path}': in a step write '{path:quoted}': it "
       "may hold anything, and steps are copied to a shell"},
      {"procedure:replace-secret", "procedure:replace-secrets",
       "rule.json:15: key 'remediation': procedure 'replace-secrets': unknown, did you mean "
       "'replace-secret'? allowed: "},
      {"\"Look at it.\"", "{\"run\": \"ls\"}",
       "rule.json:15: key 'remediation': a step is text or a list of lines"},
      {"\"Look at it.\"", "[]",
       "rule.json:15: key 'remediation': a step is text or a list of lines"},
      {"\"Look at it.\"", "[\"Look\", \"\"]", "rule.json:15: key 'remediation': must not be empty"},
      {"[\"CWE-732\"]", "[732]", "rule.json:16: key 'references': must be text, not a number"},
      {"\"mode\": \"0644\"", "\"mdoe\": \"0644\"",
       "rule.json:17: fact 'mdoe': unknown, did you mean 'mode'? allowed: "},
      {"\"mode\": \"0644\"", "\"mode\": 420",
       "rule.json:17: key 'mode': mode is a mode: write four octal digits"},
      {"\"mode\": \"0644\"", "\"readers\": \"all\"",
       "rule.json:17: key 'readers': 'all': unknown; allowed: owner, group, some-users, everyone"},
      {"[{\"kind\": \"tunnel-token\", \"mode\": \"0644\", \"path\": \"/srv/token\"}]", "[]",
       "rule.json:17: key 'flags': must hold an example"},
      {"\"fix\"", "\"enabled\": \"yes\", \"fix\"",
       "rule.json:10: key 'enabled': must be true or false, not text"},
      {"\"fix\"", "\"title\": \"Again\", \"fix\"", "rule.json:10: key 'title': given twice"},
      {"\"passes\": ", "\"passes\" ", "rule.json:18: not valid JSON"},
  };
  for (const auto& [from, to, complaint] : cases) {
    const std::string bytes = replaced(sound_rule, from, to);
    CAPTURE(bytes);
    const std::string what = complaint_about(bytes);
    CHECK_MESSAGE(what.starts_with(complaint), what);
  }
}

TEST_CASE("an unknown key is named even where it would break a line or a terminal") {
  const std::string what =
      complaint_about(replaced(sound_rule, "\"severity\"", "\"a\\u001b[2J\\nb\""));
  CHECK_MESSAGE(what.starts_with(R"(rule.json:3: key 'a\x1b[2J\nb': unknown)"), what);
}

TEST_CASE("a complaint never repeats a value that is not a word of the format") {
  const std::string secret = "eyJhIjoiaW52ZW50ZWQtc2VjcmV0LWludmVudGVkLXNlY3JldCJ9";
  for (const char* from : {"\"high\"", "\"owner-only\"", "\"loose-token\"", "\"0601\""}) {
    CAPTURE(from);
    const std::string what = complaint_about(replaced(sound_rule, from, "\"" + secret + "\""));
    CHECK(what != "accepted");
    CHECK(what.find("eyJhIjoi") == std::string::npos);
  }
  const std::string broken = complaint_about("{\"id\": \"" + secret + "\" \"" + secret);
  CHECK(broken == "rule.json:1: not valid JSON");
}

TEST_CASE("hostile rule files are refused without harm") {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "rule.json:1: not valid JSON"},
      {"null", "rule.json:1: a rule is an object"},
      {"[]", "rule.json:1: a rule is an object"},
      {"{}", "rule.json:1: key 'id': missing"},
      {std::string(100, '['), "rule.json:1: nested more than 8 levels deep"},
      {std::string(60'000, '['), "rule.json:1: nested more than 8 levels deep"},
      {std::string(65 * 1024, ' '), "rule.json:1: larger than 64 KiB"},
      {"\xEF\xBB\xBF" + sound_rule, "rule.json:1: begins with a byte order mark"},
      {sound_rule + "x", "rule.json:20: not valid JSON"},
      {sound_rule + std::string(1, '\0'), "rule.json:20: not valid JSON"},
      {"\n\n{\"id\": \"\xFF\"}", "rule.json:3: not valid JSON"},
      {"{\"id\": 1e999}", "rule.json:1: not valid JSON"},
      {"{\"id\": \"a\" // comment\n}", "rule.json:1: not valid JSON"},
      {"{\"id\": \"\\ud800\"}", "rule.json:1: not valid JSON"},
  };
  for (const auto& row : cases) {
    const auto& [bytes, complaint] = row;
    CAPTURE(row.first.substr(0, 80));
    CHECK(complaint_about(bytes) == complaint);
  }
}

TEST_CASE("of a rule's verdict nothing behind the rationale is looked at") {
  const std::string torn = sound_rule.substr(0, sound_rule.find("\"remediation\""));
  const Result<Rule> rule = parse_verdict("rule.json", torn);
  REQUIRE(rule);
  CHECK(rule->id == "loose-token");
  CHECK(rule->when.size() == 4);
  CHECK(rule->rationale.empty());
  CHECK_FALSE(parse_verdict("rule.json", torn.substr(0, 100)));
}
