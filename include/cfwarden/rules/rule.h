// Rules are data: one JSON file a rule, embedded at build time, extended and overridden by
// /etc/cfwarden/rules.d. The format is described in rules/README.md.
//
// Promises  a rule file that is wrong in any way is refused whole, with file, line or key, and what
//           is allowed; nothing is guessed. A parser's own text is never repeated.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/rules/facts.h"
#include "cfwarden/rules/profile.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// One typed test on one fact. All conditions of a rule must hold.
struct Condition {
  const Fact* fact = nullptr;  // A row of rules/facts.cc.
  bool negated = false;
  std::vector<std::string> any_of;  // Word facts.
  std::optional<double> at_least;   // Number facts.
  std::optional<double> at_most;
  std::string glob;  // Text facts.
};

struct Rule {
  std::string id;  // kebab-case, never renamed.
  Severity severity = Severity::info;
  std::optional<Severity> own_severity;  // Before a profile changed it.
  bool enabled = true;
  std::string title;
  std::vector<Condition> when;
  std::string fix;      // A word of fix_words().
  std::string message;  // Templates: "is {mode}, may be at most {allowed_mode}".
  std::string expected;
  std::string actual;
  std::string rationale;
  // Steps. The first line of a step is prose, every further line a command to copy as it stands.
  // "procedure:NAME" stands for the steps of a procedure.
  std::vector<std::string> remediation;
  std::vector<std::string> references;
  std::vector<FactValues> flags;   // Example subjects that must be flagged.
  std::vector<FactValues> passes;  // And that must pass.
  std::string file;                // Where it was read from; "built in: rules/<id>.json" for ours.
};

// A file given as bytes with the name to show in errors.
struct RuleSource {
  std::string file;
  std::string bytes;
};

// The rules that the program carries.
struct BuiltInRule {
  std::string_view file;  // "built in: rules/<id>.json"
  // The words of its condition on `subject`, a space behind each; "" where only a profile asks it.
  std::string_view subjects;
  std::string_view bytes;
};
std::span<const BuiltInRule> built_in_rules();
bool is_built_in_rule(std::string_view id);

Result<Rule> parse_rule(std::string_view file, std::string_view bytes);

// Only what findings are made from: up to the key "rationale", which opens the explanation in each
// of our own files. Most of a rule is explanation, and an audit needs none of it.
Result<Rule> parse_verdict(std::string_view file, std::string_view bytes);

// Built-in rules with the user's laid over them: a file whose "id" is known may hold only
// {"id", "enabled"} and/or {"severity"} to change those, or a whole rule to replace it.
// Extent::verdict leaves rationale, remediation, references and examples of built-in rules out.
// What a profile changes, a user's file may change again.
enum class Extent { verdict, whole };
Result<std::vector<Rule>> load_rules(std::span<const RuleSource> user_files,
                                     Extent extent = Extent::whole,
                                     const Profile* profile = nullptr);

// What load_rules(user_files, Extent::verdict) gives, less the built-in rules that ask about none
// of these subjects: a host without a credential has directories to judge, and reading 30 rules
// would cost it a fifth of its audit. With user files, or a profile that changes any, every rule is
// read, since they may name any.
Result<std::vector<Rule>> load_verdicts(std::span<const RuleSource> user_files,
                                        std::span<const Subject> subjects,
                                        const Profile* profile = nullptr);

// What a rule's finding can be mended by: a closed list.
struct FixWord {
  std::string_view name;
  std::string_view summary;
};
std::span<const FixWord> fix_words();

// Named step lists shared by rules: "rotate-compromised-token", "revoke-account-certificate", ...
// Procedures in them expanded, templates not filled.
Result<std::vector<std::string>> procedure_steps(std::string_view name);

// The rule's steps for one subject: procedures expanded (those that differ by kind for its kind,
// or for every kind where it is unknown; see Procedure for the rest), templates filled.
// no_facts() gives the general steps.
std::vector<std::string> remediation_steps(const Rule& rule, const FactValues& facts);

// What a procedure that goes by kind has for one kind, filled; empty for a kind that it leaves out.
std::vector<std::string> kind_steps(std::string_view procedure, std::string_view kind,
                                    const FactValues& facts);

// The condition as a clause for people: "kind is tunnel-token or tunnel-credentials".
std::string text_of(const Condition& condition);

// Runs the rule's own flags and passes; "" when they behave, else what did not.
std::string failed_example(const Rule& rule);

bool matches(const Rule& rule, const FactValues& facts);

// Every enabled rule that fires on the subject.
std::vector<Finding> findings_of(std::span<const Rule> rules, const Subject& subject);

// `{fact}` replaced by its text, `{fact:quoted}` by its text as one word of a shell command. Where
// the fact is unknown, or is no identifier where it should be one, or holds what cannot be typed,
// its placeholder stands there: {account} becomes ACCOUNT_ID, {path:quoted} becomes FILE. Under
// --root a quoted path carries the root in front (see PathFact).
std::string fill_template(std::string_view text, const FactValues& facts);

// The closest known word within a small edit distance, or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace cfwarden
