#include "cfwarden/rules/procedures.h"

#include "cfwarden/model/words.h"

#include "rule_texts.h"

#include <doctest/doctest.h>
#include <algorithm>

using namespace cfwarden;

namespace {

std::vector<Procedure> all_procedures() {
  const BuiltInRule source = built_in_procedures();
  const auto parsed = parse_procedures(source.file, source.bytes);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().what));
  return *parsed;
}

std::vector<std::string> steps_for(const std::string& kind) {
  const Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  Subject subject;
  subject.path = "/srv/token";
  subject.owner = "alice";
  subject.credential.kind = kind;
  subject.credential.scope.account = "699d98642c564d2e855e9661899b7252";
  subject.credential.scope.tunnel = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415";
  subject.facts.permissions.mode = 0644;
  return remediation_steps(*rule, facts_of(subject));
}

bool any_holds(const std::vector<std::string>& steps, std::string_view part) {
  return std::ranges::any_of(
      steps, [part](const std::string& step) { return step.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("every procedure that goes by kind leads to others that are there, for known kinds") {
  const std::vector<Procedure> all = all_procedures();
  const std::vector<std::string_view> kinds = find_fact("kind")->words();
  for (const Procedure& procedure : all) {
    CAPTURE(procedure.name);
    CHECK(procedure.steps.empty() == !procedure.by_kind.empty());
    for (const auto& row : procedure.by_kind) {
      const auto& [kind, target] = row;
      CAPTURE(row.first);
      CHECK(std::ranges::find(kinds, kind) != kinds.end());
      const auto other = std::ranges::find(all, target, &Procedure::name);
      REQUIRE(other != all.end());
      CHECK_FALSE(other->steps.empty());
    }
  }
}

TEST_CASE("a compromised token is refreshed, cut off, put in place and checked, in that order") {
  const auto steps = procedure_steps("rotate-compromised-token");
  REQUIRE(steps);
  std::size_t from = 0;
  std::string all;
  for (const std::string& step : *steps) all += step + "\n";
  for (const char* part :
       {"Cloudflare One Connectors Write", "--request PATCH",
        "/connections\" \\\n  --request DELETE", "On every replica, write the new token",
        "--token-file /etc/cloudflared/token", "systemctl restart cloudflared",
        "systemctl status cloudflared"}) {
    CAPTURE(part);
    const std::size_t at = all.find(part, from);
    REQUIRE(at != std::string::npos);
    from = at;
  }
}

TEST_CASE("no step makes a secret an argument, and the one that takes a token is sound bash") {
  for (const Procedure& procedure : all_procedures()) {
    for (const std::string& step : procedure.steps) {
      CAPTURE(step);
      const std::string commands = step.substr(std::min(step.find('\n'), step.size()));
      CHECK(commands.find("service install") == std::string::npos);
      CHECK(commands.find("_TOKEN ") == std::string::npos);
      if (commands.find("read -rsp") == std::string::npos) continue;
      CHECK(commands.find("umask 077") < commands.find("> token"));
      CHECK(commands.find("rm -f token") < commands.find("> token"));
    }
  }
}

TEST_CASE("what is laid out elsewhere is neither closed, nor deleted, nor given away by hand") {
  const auto rules = load_rules({});
  REQUIRE(rules);
  for (const char* directory : {"/nix/store/0123-tunnel", "/run/credentials/cloudflared.service",
                                "/var/lib/kubelet/pods/1/volumes/2"}) {
    Subject subject;
    subject.path = std::string{directory} + "/token";
    subject.owner = "root";
    subject.credential.kind = "tunnel-token";
    subject.facts.permissions.mode = 0444;
    Subject linked = subject;
    linked.path = "/etc/cloudflared/token";
    linked.facts.ancestors = {{.path = directory}};
    for (const Rule& rule : *rules) {
      CAPTURE(rule.id);
      for (const Subject& one : {subject, linked}) {
        for (const std::string& step : remediation_steps(rule, facts_of(one))) {
          CAPTURE(step);
          for (const char* change : {"chmod", "chown", " rm -i", "setfacl --remove-all"}) {
            CHECK(step.find(change) == std::string::npos);
          }
        }
      }
    }
  }
}

TEST_CASE("a FedRAMP credential's steps call its own API") {
  const Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  Subject subject;
  subject.credential.kind = "tunnel-token";
  subject.credential.scope.endpoint = "fed";
  const auto steps = remediation_steps(*rule, facts_of(subject));
  CHECK(any_holds(steps, "https://api.fed.cloudflare.com/client/v4/"));
  CHECK_FALSE(any_holds(steps, "https://api.cloudflare.com/"));
  CHECK(any_holds(remediation_steps(*rule, no_facts()), "https://api.cloudflare.com/client/v4/"));
}

TEST_CASE("steps are filled with the subject's ids and its name, for its kind only") {
  const auto steps = steps_for("tunnel-token");
  CHECK(any_holds(steps, "chmod 0600 /srv/token"));
  CHECK(any_holds(steps,
                  "/accounts/699d98642c564d2e855e9661899b7252/cfd_tunnel/"
                  "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415/connections\""));
  CHECK_FALSE(any_holds(steps, "My Profile"));
  CHECK_FALSE(any_holds(steps, "ACCOUNT_ID"));
  CHECK_FALSE(any_holds(steps, "For tunnel-token"));
}

TEST_CASE("a kind that has no procedure gets neither its steps nor what leads to them") {
  const auto steps = steps_for("planted-key-pair");
  CHECK(steps.size() == 2);  // Its own two.
  CHECK_FALSE(any_holds(steps, "Replace the secret"));
}

TEST_CASE("without a subject the steps are those of the kinds that the rule asks about") {
  const Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  const auto steps = remediation_steps(*rule, no_facts());
  CHECK(any_holds(steps, "/accounts/ACCOUNT_ID/cfd_tunnel/TUNNEL_ID\""));
  CHECK_FALSE(any_holds(steps, "My Profile"));

  const Result<Rule> any_kind =
      parse_rule("rule.json", replaced(sound_rule, R"("kind": {"any_of": ["tunnel-token"]},)", ""));
  REQUIRE(any_kind);
  const auto general = remediation_steps(*any_kind, no_facts());
  CHECK(any_holds(general, "\ncfwarden explain account-certificate"));
  CHECK(any_holds(general, "\ncfwarden explain tunnel-token"));
  CHECK_FALSE(any_holds(general, "Delete its API token"));
}

TEST_CASE("a kind's own steps are those of its procedure, with the ids that are known") {
  Subject subject;
  subject.credential.kind = "account-certificate";
  subject.credential.scope.account = "699d98642c564d2e855e9661899b7252";
  const auto steps = kind_steps("replace-secret", "account-certificate", facts_of(subject));
  CHECK(any_holds(steps, "Delete its API token"));
  CHECK(any_holds(steps, "(699d98642c564d2e855e9661899b7252)"));
  CHECK(kind_steps("replace-secret", "planted-key-pair", no_facts()).empty());
  CHECK(kind_steps("no-such-procedure", "tunnel-token", no_facts()).empty());
}

TEST_CASE("a damaged file of procedures is refused with its line") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"a": {"step": ["x"]}})", "p:1: a procedure holds steps, or lead and by_kind"},
      {"{\"a\": {\"steps\": [\n7]}}", "p:2: a step is text or a list of lines"},
      {R"({"a": {"steps": ["{path}"]}})",
       "p:1: placeholder '{path}': in a step write '{path:quoted}': it may hold anything, and "
       "steps are copied to a shell"},
      {R"({"a": {"by_kind": {}}})", "p:1: a procedure holds steps, or lead and by_kind"},
      {R"({"a": {"steps": ["procedure:a"]}})", "p:1: 'a' must stand before it"},
  };
  for (const auto& [bytes, complaint] : cases) {
    const auto parsed = parse_procedures("p", bytes);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().what == complaint);
  }
}

TEST_CASE("what would lock a service out is not closed before the service is let in") {
  const auto rules = load_rules({});
  REQUIRE(rules);
  const auto rule = std::ranges::find(*rules, "readable-by-everyone", &Rule::id);
  REQUIRE(rule != rules->end());
  Subject subject;
  subject.path = "/etc/cloudflared/token";
  subject.owner = "root";
  subject.credential.kind = "tunnel-token";
  subject.facts.permissions.mode = 0644;
  subject.facts.ancestors = {{.path = "/"}, {.path = "/etc"}, {.path = "/etc/cloudflared"}};
  const std::string close = "sudo chmod 0600 /etc/cloudflared/token";
  CHECK(any_holds(remediation_steps(*rule, facts_of(subject)), close));

  subject.needs = {{.who = "cloudflared.service",
                    .user = "cloudflared",
                    .uid = 990,
                    .gid = 991,
                    .can_read = true}};
  auto steps = remediation_steps(*rule, facts_of(subject));
  CHECK_FALSE(any_holds(steps, close));
  CHECK(any_holds(steps, "'cloudflared.service (User=cloudflared)'"));
  CHECK(any_holds(steps, "sudo chgrp --no-dereference 991 /etc/cloudflared/token"));
  CHECK(any_holds(steps, "sudo systemctl edit cloudflared.service"));
  CHECK_FALSE(any_holds(steps, "chown"));

  subject.needs.front().source = StartSource::compose;
  steps = remediation_steps(*rule, facts_of(subject));
  CHECK(any_holds(steps, "sudo chown --no-dereference 990 /etc/cloudflared/token"));
  CHECK_FALSE(any_holds(steps, "chgrp"));

  subject.needs.front().controlled_by = 990;
  CHECK(any_holds(remediation_steps(*rule, facts_of(subject)), close));
}

TEST_CASE("closing a unit is said to help little") {
  const auto rules = load_rules({});
  REQUIRE(rules);
  const auto rule = std::ranges::find(*rules, "readable-by-everyone", &Rule::id);
  REQUIRE(rule != rules->end());
  Subject subject;
  subject.path = "/etc/systemd/system/cloudflared.service";
  subject.owner = "root";
  subject.carrier = "systemd-unit";
  subject.credential.kind = "tunnel-token";
  subject.facts.permissions.mode = 0644;
  CHECK(any_holds(remediation_steps(*rule, facts_of(subject)), "cfwarden explain token-in-unit"));
}

TEST_CASE("no step ever opens a file to everyone") {
  const auto rules = load_rules({});
  REQUIRE(rules);
  Subject subject;
  subject.path = "/etc/cloudflared/token";
  subject.owner = "root";
  subject.facts.permissions.mode = 0777;
  for (const auto& source : words_of<StartSource>()) {
    subject.needs = {{.who = "tunnel", .source = source.value, .user = "7", .uid = 7, .gid = 7}};
    for (const Rule& rule : *rules) {
      CAPTURE(rule.id);
      for (const std::string& step : remediation_steps(rule, facts_of(subject))) {
        CAPTURE(step);
        for (const char* open : {"chmod 0644", "chmod 644", "chmod 0755", "chmod o+", "chmod a+"}) {
          CHECK(step.find(open) == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("a file that holds more than the credential is not deleted") {
  Subject subject;
  subject.path = "/srv/app.db";
  subject.owner = "alice";
  subject.credential.kind = "account-certificate";
  subject.placement = Placement::other;
  const Result<Rule> rule = parse_rule("rule.json", sound_rule);
  REQUIRE(rule);
  Rule deleting = *rule;
  deleting.remediation = {"procedure:delete-file"};
  CHECK_FALSE(any_holds(remediation_steps(deleting, facts_of(subject)), "rm -i"));
  subject.placement = Placement::whole_file;
  CHECK(any_holds(remediation_steps(deleting, facts_of(subject)), "rm -i"));
}
