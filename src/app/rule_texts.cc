#include "cfwarden/app/rule_texts.h"

#include "cfwarden/kinds/kind.h"
#include "cfwarden/model/words.h"

#include <algorithm>
#include <string_view>

namespace cfwarden {
namespace {

// As far as the conditions on that fact tell.
bool can_hold(const Rule& rule, std::string_view fact, std::string_view word) {
  return std::ranges::all_of(rule.when, [&](const Condition& condition) {
    if (condition.fact->name != fact) return true;
    const bool is_named = std::ranges::find(condition.any_of, word) != condition.any_of.end();
    return is_named != condition.negated;
  });
}

std::vector<std::string> kinds_asked_by(const Rule& rule) {
  std::vector<std::string> kinds;
  if (!can_hold(rule, "subject", name_of(SubjectType::credential))) return kinds;
  for (const Kind& kind : all_kinds()) {
    if (can_hold(rule, "kind", kind.name)) kinds.emplace_back(kind.name);
  }
  return kinds;
}

}  // namespace

Result<std::vector<RuleText>> rule_texts(std::span<const RuleSource> user_rules,
                                         const Profile* profile) {
  Result<std::vector<Rule>> rules = load_rules(user_rules, Extent::whole, profile);
  if (!rules) return rules.error();
  std::vector<RuleText> texts;
  for (const Rule& rule : *rules) {
    if (!rule.enabled) continue;
    texts.push_back({.id = rule.id,
                     .severity = rule.severity,
                     .title = rule.title,
                     .rationale = rule.rationale,
                     .steps = remediation_steps(rule, no_facts()),
                     .references = rule.references,
                     .kinds = kinds_asked_by(rule)});
  }
  std::ranges::sort(texts, {}, &RuleText::id);
  return texts;
}

}  // namespace cfwarden
