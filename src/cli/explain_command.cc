#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/process.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/explanation.h"
#include "cfwarden/rules/exception.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <memory>

namespace cfwarden {
namespace {

struct ExplainFlags {
  AuditFlags audit;
  std::string topic;
};

std::vector<std::string> how_to_except(const Rule& rule) {
  std::vector<std::string> ways{
      "Turn it off: put {\"id\": \"" + rule.id +
          "\", \"enabled\": false} in a file of /etc/cfwarden/rules.d",
      "Change its weight: {\"id\": \"" + rule.id + "\", \"severity\": \"info\"}",
      "Leave a path out of one run: --exclude GLOB"};
  if (!is_about_exceptions(rule.id)) {
    ways.insert(ways.begin(), "Accept it in one place until a day: cfwarden except " + rule.id +
                                  " --path GLOB --reason TEXT --owner WHO --expires DATE");
  }
  return ways;
}

// As each profile weighs it, where one does otherwise than the rule itself.
std::vector<std::string> weights_of(const Rule& rule, const Profile* chosen) {
  const Severity own = rule.own_severity.value_or(rule.severity);
  std::vector<std::string> weights;
  const auto add = [&](const Profile& profile) {
    const auto change = std::ranges::find(profile.changes, rule.id, &RuleChange::rule);
    if (change == profile.changes.end()) return;
    const bool is_off = change->enabled == false;
    const std::string weight{is_off ? "off" : name_of(change->severity.value_or(own))};
    const bool is_chosen = chosen != nullptr && chosen->id == profile.id;
    weights.push_back(profile.id + ": " + weight + (is_chosen ? ", the one that was chosen" : ""));
  };
  for (const BuiltInProfile& built_in : built_in_profiles()) {
    const Result<Profile> profile = parse_profile(built_in.file, built_in.bytes);
    const bool is_replaced = chosen != nullptr && chosen->id == built_in.name;
    if (profile && !is_replaced) add(*profile);
  }
  if (chosen != nullptr) add(*chosen);
  if (weights.empty()) return weights;
  weights.insert(weights.begin(), std::string{baseline_profile} + ": " + std::string{name_of(own)});
  return weights;
}

std::string note_on(const Report& report) {
  if (report.interrupted) return "the audit was stopped";
  if (report.gaps.empty()) return "";
  return std::to_string(report.gaps.size()) + " could not be read; see cfwarden audit";
}

bool asks_only_for(const Rule& rule, std::string_view fact, std::string_view word) {
  return std::ranges::any_of(rule.when, [&](const Condition& condition) {
    return condition.fact->name == fact && !condition.negated && condition.any_of.size() == 1 &&
           condition.any_of.front() == word;
  });
}

// An audit does not look where its facts are known; of processes it tells the arguments.
bool is_for_sweeps(const Rule& rule) {
  const bool is_of_process = asks_only_for(rule, "definition", "process") &&
                             asks_only_for(rule, "placement", "environment");
  return is_of_process || std::ranges::any_of(rule.when, [](const Condition& condition) {
           const std::string_view fact = condition.fact->name;
           const bool asks_for_none =
               std::ranges::find(condition.any_of, "none") != condition.any_of.end();
           return (fact == "advice" && !condition.negated && !asks_for_none) || fact == "tracked";
         });
}

ExitCode explain_rule(const Rule& rule, const PreparedAudit& prepared, const Terminal& terminal,
                      std::ostream& out) {
  watch_interrupts();
  const Result<Audit> audited = is_for_sweeps(rule)
                                    ? Error{"only a sweep tells, see cfwarden sweep", 0}
                                    : audit(prepared.request);
  RuleExplanation explanation{.id = rule.id,
                              .severity = rule.severity,
                              .profiles = weights_of(rule, prepared.request.profile),
                              .title = rule.title,
                              .rationale = rule.rationale,
                              .exception = how_to_except(rule),
                              .references = rule.references,
                              .file = rule.file};
  for (const Condition& condition : rule.when) {
    explanation.fires_when.push_back(text_of(condition));
  }
  FactValues facts = no_facts(prepared.request.root);
  if (audited) {
    explanation.looked_here = true;
    explanation.here_note = note_on(audited->report);
    std::ranges::copy_if(audited->report.findings, std::back_inserter(explanation.fires_here),
                         [&](const Finding& finding) { return finding.rule == rule.id; });
    const std::vector<Finding>& here = explanation.fires_here;
    std::ranges::copy_if(audited->report.credentials, std::back_inserter(explanation.credentials),
                         [&](const ReportedCredential& credential) {
                           return std::ranges::find(here, credential.id, &Finding::credential) !=
                                  here.end();
                         });
    const auto subject = std::ranges::find_if(audited->subjects, [&](const Subject& candidate) {
      const bool is_first = !here.empty() && candidate.path == here.front().path &&
                            candidate.line == here.front().line;
      return is_first && matches(rule, facts_of(candidate));
    });
    if (subject != audited->subjects.end()) facts = facts_of(*subject);
  } else {
    explanation.here_note = audited.error().what;
  }
  explanation.steps = remediation_steps(rule, facts);
  if (explanation.fires_here.size() > 1) {
    explanation.steps.insert(
        explanation.steps.begin(),
        "The steps name the first of the files above. Each of the others needs "
        "them too, with its own ids, which cfwarden inspect FILE shows.");
  }
  write_explanation(explanation, terminal, out);
  return ExitCode::ok;
}

bool asks_about(const Rule& rule, std::string_view kind) {
  return std::ranges::any_of(rule.when, [&](const Condition& condition) {
    if (condition.fact->name != "kind" || condition.negated) return false;
    return std::ranges::find(condition.any_of, kind) != condition.any_of.end();
  });
}

std::vector<std::pair<std::string, std::string>> rows_of(const Kind& kind) {
  const auto page = std::ranges::find(kind_pages(), kind.name, &KindPage::kind);
  if (page == kind_pages().end()) return {{"What it is", std::string{kind.summary}}};
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"Purpose", page->purpose},     {"Scope", page->scope},
      {"File name", page->file_name}, {"File type", page->file_type},
      {"Stored in", page->stored_in}, {"Issued by", page->issued_by},
      {"Valid for", page->valid_for}, {"Needed to", page->needed_to},
      {"Can also", page->can_also}};
  return {std::begin(rows), std::end(rows)};
}

// Of the first credential of that kind on this host, for the ids in the steps.
FactValues facts_of_kind(std::string_view kind, const PreparedAudit& prepared) {
  const Result<Audit> audited = audit(prepared.request);
  if (!audited) return no_facts(prepared.request.root);
  const auto subject = std::ranges::find_if(audited->subjects, [&](const Subject& candidate) {
    return candidate.type == SubjectType::credential && candidate.credential.kind == kind;
  });
  return subject != audited->subjects.end() ? facts_of(*subject) : no_facts(prepared.request.root);
}

ExitCode explain_kind(const Kind& kind, const std::vector<Rule>& rules,
                      const PreparedAudit& prepared, const Terminal& terminal, std::ostream& out) {
  const FactValues facts = facts_of_kind(kind.name, prepared);
  KindExplanation explanation{.kind = std::string{kind.name},
                              .title = std::string{kind.title},
                              .rows = rows_of(kind),
                              .if_copied = kind_steps("replace-secret", kind.name, facts),
                              .regularly = kind_steps("renew-secret", kind.name, facts)};
  for (const Rule& rule : rules) {
    if (asks_about(rule, kind.name)) explanation.rules.push_back(rule.id);
  }
  write_explanation(explanation, terminal, out);
  return ExitCode::ok;
}

ExitCode unknown_topic(const std::string& topic, const std::vector<Rule>& rules) {
  std::vector<std::string_view> known;
  for (const Rule& rule : rules) known.push_back(rule.id);
  for (const Kind& kind : all_kinds()) known.push_back(kind.name);
  std::string what = "there is no rule or kind " + echo_of(topic);
  const std::string close = did_you_mean(topic, known);
  if (!close.empty()) what += "; did you mean '" + close + "'?";
  return complain(what + "\nsee cfwarden rules list");
}

ExitCode run_explain(const ExplainFlags& flags, std::ostream& out) {
  PreparedAudit prepared;
  const Result<Done> ready = prepare(flags.audit, prepared);
  if (!ready) return complain(ready.error());
  const Result<std::vector<Rule>> rules =
      load_rules(prepared.user_rules, Extent::whole, prepared.request.profile);
  if (!rules) return complain(rules.error());
  const Terminal terminal = terminal_for(color_wish(flags.audit, prepared));

  const auto rule = std::ranges::find(*rules, flags.topic, &Rule::id);
  if (rule != rules->end()) return explain_rule(*rule, prepared, terminal, out);
  const Kind* kind = find_kind(flags.topic);
  if (kind != nullptr) return explain_kind(*kind, *rules, prepared, terminal, out);
  return unknown_topic(flags.topic, *rules);
}

}  // namespace

void add_explain_command(const Declaration& program) {
  const auto flags = std::make_shared<ExplainFlags>();
  const Declaration command = program.command(
      "explain", "What a rule or a kind of credential means, whether it fires here, what to do");
  command.required_text(
      {.names = "RULE|KIND", .description = "As cfwarden rules list names it, or a kind"},
      flags->topic);
  add_audit_flags(command, flags->audit);
  command.runs([flags](std::ostream& out) { return run_explain(*flags, out); });
}

}  // namespace cfwarden
