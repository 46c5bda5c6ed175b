#include "cfwarden/rules/rule.h"

#include "cfwarden/base/glob.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr std::array fixes{
    FixWord{"owner-only", "Clear the permission bits that are not in allowed_mode"},
    FixWord{"remove-acl", "Remove the extended ACL entries, after the mode"},
    FixWord{"set-owner", "Give it to the owner that is expected; never in a user's directory"},
    FixWord{"rotate", "Replace the secret at Cloudflare; no change of a file mends it"},
    FixWord{"move-secret", "Put the secret into a file of its own"},
    FixWord{"delete", "Delete the file, once nothing needs it"},
    FixWord{"remove-copy", "Take the secret out of every file but the one that is used"},
    FixWord{"unstage", "Take it out of what git is to commit"},
    FixWord{"edit-configuration", "Correct the cloudflared configuration"},
    FixWord{"let-service-read", "Let the service that needs it read it, and nobody else"},
    FixWord{"edit-service", "Change how the service is started"},
    FixWord{"edit-group", "Take those out of the owning group who need not read it"},
    FixWord{"edit-exception", "Renew or remove the exception, or mend what it accepts"},
    FixWord{"none", "Nothing to mend here: look at it"},
};

bool holds_on(const Condition& condition, const FactValue& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    return (!condition.at_least || *number >= *condition.at_least) &&
           (!condition.at_most || *number <= *condition.at_most);
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return false;
  if (condition.fact->type == FactType::text) return glob_matches(condition.glob, *text);
  return std::ranges::find(condition.any_of, *text) != condition.any_of.end();
}

std::string joined_with_or(const std::vector<std::string>& words) {
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) all += i + 1 == words.size() ? " or " : ", ";
    all += words[i];
  }
  return all;
}

std::string bounds_text(const Condition& condition) {
  const auto shown = [&](double value) { return text_of(*condition.fact, FactValue{value}); };
  if (condition.at_least && condition.at_most) {
    if (*condition.at_least == *condition.at_most) return shown(*condition.at_least);
    return shown(*condition.at_least) + " to " + shown(*condition.at_most);
  }
  return condition.at_least ? "at least " + shown(*condition.at_least)
                            : "at most " + shown(*condition.at_most);
}

Finding finding_of(const Rule& rule, const Subject& subject, const FactValues& facts) {
  return {
      .rule = rule.id,
      .severity = rule.severity,
      .title = rule.title,
      .path = subject.path,
      .line = subject.line,
      .credential = subject.credential_id,
      .message = fill_template(rule.message, facts),
      .expected = fill_template(rule.expected, facts),
      .actual = fill_template(rule.actual, facts),
      .fix = rule.fix,
      .about = subject.type,
      .service = subject.service,
  };
}

std::string example_text(const FactValues& example) {
  std::string all;
  for (const Fact& fact : all_facts()) {
    const FactValue& value = example.of(fact);
    if (std::holds_alternative<std::monostate>(value)) continue;
    if (!all.empty()) all += ", ";
    all += std::string{fact.name} + " " + text_of(fact, value);
  }
  return all.empty() ? "nothing known" : all;
}

}  // namespace

std::span<const FixWord> fix_words() {
  return fixes;
}

std::string text_of(const Condition& condition) {
  const std::string name{condition.fact->name};
  const std::string verb = condition.negated ? " is not " : " is ";
  switch (condition.fact->type) {
    case FactType::word:
      return name + verb + joined_with_or(condition.any_of);
    case FactType::number:
      return name + verb + bounds_text(condition);
    case FactType::text:
      break;
  }
  return name + (condition.negated ? " does not match " : " matches ") + condition.glob;
}

bool matches(const Rule& rule, const FactValues& facts) {
  return std::ranges::all_of(rule.when, [&](const Condition& condition) {
    return holds_on(condition, facts.of(*condition.fact)) != condition.negated;
  });
}

std::string failed_example(const Rule& rule) {
  for (const FactValues& example : rule.flags) {
    if (!matches(rule, example)) return "must flag, and does not: " + example_text(example);
  }
  for (const FactValues& example : rule.passes) {
    if (matches(rule, example)) return "must pass, and is flagged: " + example_text(example);
  }
  return "";
}

std::vector<Finding> findings_of(std::span<const Rule> rules, const Subject& subject) {
  const FactValues facts = facts_of(subject);
  std::vector<Finding> findings;
  for (const Rule& rule : rules) {
    if (rule.enabled && matches(rule, facts)) {
      findings.push_back(finding_of(rule, subject, facts));
    }
  }
  return findings;
}

}  // namespace cfwarden
