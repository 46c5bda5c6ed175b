#include "cfwarden/model/words.h"
#include "cfwarden/rules/document.h"
#include "cfwarden/rules/rule.h"
#include "rule_texts.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

using namespace cfwarden;

namespace {

std::vector<Rule> all_rules() {
  const auto rules = load_rules({});
  REQUIRE_MESSAGE(rules, (rules ? "" : rules.error().what));
  return *rules;
}

bool asked_by_profiles_only(std::string_view rule) {
  return rule == "credential-in-repository";
}

}  // namespace

TEST_CASE("every rule flags and passes its own examples") {
  for (const Rule& rule : all_rules()) {
    CAPTURE(rule.id);
    CHECK(failed_example(rule) == "");
  }
}

TEST_CASE("every JSON file of the rules' directory is a rule, so that a copy of it can be used") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{CFWARDEN_TEST_DIR "/../rules"}) {
    if (entry.path().extension() != ".json") continue;
    ++count;
    const std::string file = "built in: rules/" + entry.path().filename().string();
    CAPTURE(file);
    const auto embedded = built_in_rules();
    CHECK(std::ranges::find(embedded, file, &BuiltInRule::file) != embedded.end());
  }
  CHECK(count == built_in_rules().size());
}

TEST_CASE("no condition of a rule can go without one of its examples noticing") {
  for (const Rule& rule : all_rules()) {
    CAPTURE(rule.id);
    for (std::size_t i = 0; i < rule.when.size(); ++i) {
      CAPTURE(text_of(rule.when[i]));
      Rule without = rule;
      without.when.erase(without.when.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(failed_example(without).starts_with("must pass, and is flagged"));
    }
  }
}

TEST_CASE("no word of a condition can go without one of the examples noticing") {
  for (const Rule& rule : all_rules()) {
    CAPTURE(rule.id);
    for (std::size_t i = 0; i < rule.when.size(); ++i) {
      for (std::size_t word = 0; word < rule.when[i].any_of.size(); ++word) {
        CAPTURE(rule.when[i].any_of[word]);
        Rule without = rule;
        auto& words = without.when[i].any_of;
        words.erase(words.begin() + static_cast<std::ptrdiff_t>(word));
        CHECK(failed_example(without) != "");
      }
    }
  }
}

TEST_CASE("every rule says all that explain shows, and is named by its file") {
  std::set<std::string> ids;
  for (const Rule& rule : all_rules()) {
    CAPTURE(rule.id);
    CHECK(ids.insert(rule.id).second);
    CHECK(rule.file == "built in: rules/" + rule.id + ".json");
    CHECK(rule.enabled != asked_by_profiles_only(rule.id));
    CHECK(rule.title.size() <= 60);
    CHECK(rule.rationale.size() >= 80);
    CHECK_FALSE(rule.expected.empty());
    CHECK_FALSE(rule.actual.empty());
    CHECK_FALSE(rule.remediation.empty());
    CHECK_FALSE(rule.references.empty());
  }
}

TEST_CASE("the verdicts alone are the same rules without their explanation") {
  const std::vector<Rule> whole = all_rules();
  const auto verdicts = load_rules({}, Extent::verdict);
  REQUIRE(verdicts);
  REQUIRE(verdicts->size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(whole[i].id);
    const Rule& verdict = (*verdicts)[i];
    CHECK(verdict.id == whole[i].id);
    CHECK(verdict.severity == whole[i].severity);
    CHECK(verdict.title == whole[i].title);
    CHECK(verdict.when.size() == whole[i].when.size());
    CHECK(verdict.fix == whole[i].fix);
    CHECK(verdict.message == whole[i].message);
    CHECK(verdict.expected == whole[i].expected);
    CHECK(verdict.actual == whole[i].actual);
    CHECK(verdict.rationale.empty());
    CHECK(verdict.flags.empty());
  }
}

TEST_CASE("severities are those that were agreed on") {
  const std::pair<std::string_view, Severity> agreed[] = {
      {"account-certificate-readable-by-everyone", Severity::critical},
      {"readable-by-everyone", Severity::high},
      {"account-certificate-readable-by-group", Severity::high},
      {"readable-by-group", Severity::medium},
      {"acl-grants-access", Severity::high},
      {"acl-entry-latent", Severity::low},
      {"replaceable-by-others", Severity::high},
      {"unexpected-owner", Severity::high},
      {"hard-linked", Severity::medium},
      {"group-writable-decimal-mode", Severity::medium},
      {"tunnel-secret-too-short", Severity::high},
      {"tunnel-secret-published", Severity::critical},
      {"tunnel-secret-predictable", Severity::high},
      {"tunnel-id-mismatch", Severity::medium},
      {"credential-malformed", Severity::low},
      {"credential-incomplete", Severity::low},
      {"account-certificate-legacy", Severity::medium},
      {"account-certificate-needs-refresh", Severity::low},
      {"config-writable-by-others", Severity::high},
      {"config-points-nowhere", Severity::medium},
      {"secret-in-config", Severity::medium},
      {"secret-in-readable-config", Severity::high},
      {"backup-copy", Severity::medium},
      {"same-secret-elsewhere", Severity::low},
      {"credential-old", Severity::info},
      {"planted-key-pair", Severity::medium},
      {"mode-too-wide", Severity::low},
      {"credential-directory-open", Severity::low},
      {"default-acl", Severity::medium},
      {"unread-file-readable-by-others", Severity::medium},
      {"service-cannot-read", Severity::high},
      {"need-resolves-to-nothing", Severity::high},
      {"credential-needed-by-nobody", Severity::low},
      {"account-certificate-on-connector", Severity::high},
      {"service-runs-as-root", Severity::info},
      {"service-user-owns-credential", Severity::info},
      {"service-group-has-members", Severity::medium},
      {"token-in-arguments", Severity::high},
      {"token-in-unit", Severity::high},
      {"token-in-environment-of-unit", Severity::high},
      {"container-user-mismatch", Severity::medium},
      {"credential-in-shell-history", Severity::medium},
      {"credential-in-log", Severity::medium},
      {"credential-in-infrastructure-state", Severity::medium},
      {"credential-in-shared-text", Severity::medium},
      {"credential-in-script", Severity::medium},
      {"token-in-service-environment", Severity::low},
      {"token-in-process-environment", Severity::low},
      {"credential-in-user-data", Severity::high},
      {"credential-in-old-copy", Severity::medium},
      {"credential-staged", Severity::high},
      {"credential-tracked-by-git", Severity::high},
      {"credential-in-repository", Severity::critical},
      {"exception-expired", Severity::low},
      {"exception-ends-soon", Severity::info},
      {"exception-unused", Severity::info},
  };
  const std::vector<Rule> rules = all_rules();
  CHECK(rules.size() == std::size(agreed));
  for (const auto& row : agreed) {
    const auto& [id, severity] = row;
    CAPTURE(row.first);
    const auto rule = std::ranges::find(rules, id, &Rule::id);
    REQUIRE(rule != rules.end());
    CHECK(rule->severity == severity);
  }
}

TEST_CASE("every rule file is refused when one key is misspelled or of another type") {
  for (const BuiltInRule& source : built_in_rules()) {
    const Result<Node> document = parse_document(source.file, source.bytes);
    REQUIRE(document);
    for (const std::string& key : document->keys) {
      CAPTURE(source.file);
      CAPTURE(key);
      const std::string quoted = "\n  \"" + key + "\": ";
      const std::string bytes{source.bytes};
      const std::string misspelled = replaced(bytes, quoted, "\n  \"" + key + "x\": ");
      const Result<Rule> unknown = parse_rule("r", misspelled);
      REQUIRE_FALSE(unknown);
      CHECK(unknown.error().what.find("key '" + key + "x': unknown, did you mean '" + key) !=
            std::string::npos);
      const Result<Rule> retyped = parse_rule("r", replaced(bytes, quoted, quoted + "17, \"x\": "));
      CHECK_FALSE(retyped);
      const Result<Rule> twice =
          parse_rule("r", replaced(bytes, quoted, "\n  \"" + key + "\": 0," + quoted));
      REQUIRE_FALSE(twice);
      CHECK(twice.error().what.find("given twice") != std::string::npos);
    }
  }
}

TEST_CASE("no finding's text is left with an open placeholder or an empty place") {
  Subject subject;
  subject.path = "/etc/cloudflared/token";
  subject.credential.kind = "tunnel-token";
  for (const Rule& rule : all_rules()) {
    CAPTURE(rule.id);
    for (const FactValues& facts : {no_facts(), facts_of(subject)}) {
      for (const std::string& text : {rule.message, rule.expected, rule.actual}) {
        const std::string filled = fill_template(text, facts);
        CHECK_FALSE(filled.empty());
        CHECK(filled.find('{') == std::string::npos);
      }
      CHECK_FALSE(remediation_steps(rule, facts).empty());
    }
  }
}

TEST_CASE("under another root no command of a step reaches the running host") {
  Subject subject;
  subject.root_prefix = "/mnt/image";
  subject.path = "/home/alice/.cloudflared/cert.pem";
  subject.owner = "alice";
  subject.facts.permissions.uid = 1000;
  subject.facts.ancestors = {
      {.path = "/"},
      {.path = "/home"},
      {.path = "/home/alice", .permissions = {.mode = 0755, .uid = 1000}},
      {.path = "/home/alice/.cloudflared", .permissions = {.mode = 0755, .uid = 1000}}};
  for (const char* kind :
       {"account-certificate", "tunnel-token", "tunnel-credentials", "ssh-key"}) {
    subject.credential.kind = kind;
    for (const Rule& rule : all_rules()) {
      CAPTURE(rule.id);
      for (const FactValues& facts : {facts_of(subject), no_facts("/mnt/image")}) {
        for (const std::string& step : remediation_steps(rule, facts)) {
          CAPTURE(step);
          const std::string commands = step.substr(std::min(step.find('\n'), step.size()));
          CHECK(commands.find(" /home") == std::string::npos);
          CHECK(commands.find("-u alice") == std::string::npos);
          std::size_t begin = commands.find('\n');
          while (begin != std::string::npos) {
            const std::size_t end = std::min(commands.find('\n', begin + 1), commands.size());
            const std::string line = commands.substr(begin + 1, end - begin - 1);
            CAPTURE(line);
            const bool acts_on_host = line.find("systemctl") != std::string::npos ||
                                      line.find("/etc/cloudflared") != std::string::npos;
            CHECK((!acts_on_host || line.starts_with("# on that host: ")));
            begin = commands.find('\n', begin + 1);
          }
        }
      }
    }
  }
}

TEST_CASE("reading only the rules that ask about the subjects there are changes no verdict") {
  const auto all = load_rules({}, Extent::verdict);
  REQUIRE(all);
  for (const auto& word : words_of<SubjectType>()) {
    CAPTURE(word.name);
    Subject subject;
    subject.type = word.value;
    const auto some = load_verdicts({}, {&subject, 1});
    REQUIRE(some);
    CHECK(some->size() < all->size());
    for (const Rule& rule : *all) {
      const Condition& condition = *std::ranges::find_if(
          rule.when, [](const Condition& one) { return one.fact->name == "subject"; });
      const bool asks = std::ranges::find(condition.any_of, word.name) != condition.any_of.end();
      const bool is_read = std::ranges::find(*some, rule.id, &Rule::id) != some->end();
      CAPTURE(rule.id);
      CHECK((asks && rule.enabled) == is_read);
      CHECK_FALSE(condition.negated);
    }
  }
}
