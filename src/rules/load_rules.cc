#include "cfwarden/model/words.h"
#include "cfwarden/rules/document.h"
#include "cfwarden/rules/rule.h"
#include "cfwarden/rules/suggestion.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::array<std::string_view, 3> adjustable_keys{"id", "enabled", "severity"};

// {"id", "enabled"} and {"id", "severity"} change a rule that is known; anything else is a rule.
bool is_adjustment(const Node& document) {
  return document.type == NodeType::object && document.find("id") != nullptr &&
         std::ranges::all_of(document.keys, [](const std::string& key) {
           return std::ranges::find(adjustable_keys, key) != adjustable_keys.end();
         });
}

Rule* find_rule(std::vector<Rule>& rules, std::string_view id) {
  const auto found = std::ranges::find(rules, id, &Rule::id);
  return found == rules.end() ? nullptr : &*found;
}

std::string meant_by(std::string_view id, const std::vector<Rule>& rules) {
  std::vector<std::string_view> known;
  for (const Rule& rule : rules) known.push_back(rule.id);
  return did_you_mean(id, known);
}

Error unknown_rule(const std::string& file, const Node& id, const std::vector<Rule>& rules) {
  const std::string meant = meant_by(id.text, rules);
  std::string what = "key 'id': there is no such rule to change";
  if (!meant.empty()) what += ", did you mean '" + meant + "'?";
  return document_error(file, id.line, what + "; a new rule needs title, when and the rest");
}

Result<Done> adjust(std::vector<Rule>& rules, const std::string& file, const Node& document) {
  const Node* id = document.find("id");
  if (id->type != NodeType::text) {
    return document_error(file, id->line, "key 'id': must be text");
  }
  Rule* rule = find_rule(rules, id->text);
  if (rule == nullptr) return unknown_rule(file, *id, rules);
  if (document.keys.size() == 1) {
    return document_error(file, document.line, "changes nothing: give enabled or severity");
  }
  if (const Node* enabled = document.find("enabled"); enabled != nullptr) {
    if (enabled->type != NodeType::boolean) {
      return document_error(file, enabled->line, "key 'enabled': must be true or false");
    }
    rule->enabled = enabled->boolean;
  }
  if (const Node* severity = document.find("severity"); severity != nullptr) {
    const auto read = from_name<Severity>(severity->text);
    if (!read) {
      std::vector<std::string_view> known;
      for (const auto& word : words_of<Severity>()) known.push_back(word.name);
      return document_error(file, severity->line,
                            "key 'severity': " + unknown_among(severity->text, known));
    }
    rule->severity = *read;
  }
  rule->file += ", changed by " + file;
  return Done{};
}

Result<Done> take_profile(std::vector<Rule>& rules, const Profile& profile) {
  for (const RuleChange& change : profile.changes) {
    Rule* rule = find_rule(rules, change.rule);
    if (rule == nullptr) {
      const std::string meant = meant_by(change.rule, rules);
      return document_error(
          profile.file, change.line,
          "there is no such rule" + (meant.empty() ? "" : ", did you mean '" + meant + "'?"));
    }
    if (change.severity) rule->own_severity = std::exchange(rule->severity, *change.severity);
    if (change.enabled) rule->enabled = *change.enabled;
    rule->file += ", changed by " + profile.file;
  }
  return Done{};
}

Result<Done> add_rule(std::vector<Rule>& rules, const RuleSource& source,
                      std::span<const RuleSource> user_files) {
  Result<Rule> rule = parse_rule(source.file, source.bytes);
  if (!rule) return rule.error();
  const std::string failed = failed_example(*rule);
  if (!failed.empty()) return Error{.what = source.file + ": " + failed};

  Rule* known = find_rule(rules, rule->id);
  if (known == nullptr) {
    rules.push_back(std::move(*rule));
    return Done{};
  }
  if (std::ranges::find(user_files, known->file, &RuleSource::file) != user_files.end()) {
    return Error{.what = source.file + ": rule '" + rule->id + "' is also in " + known->file};
  }
  *known = std::move(*rule);
  return Done{};
}

Result<Done> add_built_in(std::vector<Rule>& rules, const BuiltInRule& source, Extent extent) {
  Result<Rule> rule = extent == Extent::whole ? parse_rule(source.file, source.bytes)
                                              : parse_verdict(source.file, source.bytes);
  if (!rule) return rule.error();
  rules.push_back(std::move(*rule));
  return Done{};
}

bool asks_about(const BuiltInRule& rule, std::string_view subject) {
  const std::size_t at = rule.subjects.find(subject);
  return at != std::string_view::npos && rule.subjects.substr(at + subject.size()).starts_with(' ');
}

}  // namespace

bool is_built_in_rule(std::string_view id) {
  const std::string file = "built in: rules/" + std::string{id} + ".json";
  return std::ranges::find(built_in_rules(), file, &BuiltInRule::file) != built_in_rules().end();
}

Result<std::vector<Rule>> load_rules(std::span<const RuleSource> user_files, Extent extent,
                                     const Profile* profile) {
  std::vector<Rule> rules;
  rules.reserve(built_in_rules().size() + user_files.size());
  for (const BuiltInRule& built_in : built_in_rules()) {
    const Result<Done> added = add_built_in(rules, built_in, extent);
    if (!added) return added.error();
  }
  // Whole rules first, so that a file that changes one may come before it.
  std::vector<std::pair<const RuleSource*, Node>> adjustments;
  for (const RuleSource& source : user_files) {
    Result<Node> document = parse_document(source.file, source.bytes);
    if (!document) return document.error();
    if (is_adjustment(*document)) {
      adjustments.emplace_back(&source, std::move(*document));
      continue;
    }
    const Result<Done> added = add_rule(rules, source, user_files);
    if (!added) return added.error();
  }
  if (profile != nullptr) {
    const Result<Done> changed = take_profile(rules, *profile);
    if (!changed) return changed.error();
  }
  for (const auto& [source, document] : adjustments) {
    const Result<Done> adjusted = adjust(rules, source->file, document);
    if (!adjusted) return adjusted.error();
  }
  return rules;
}

Result<std::vector<Rule>> load_verdicts(std::span<const RuleSource> user_files,
                                        std::span<const Subject> subjects, const Profile* profile) {
  const bool changes_any = profile != nullptr && !profile->changes.empty();
  if (!user_files.empty() || changes_any) return load_rules(user_files, Extent::verdict, profile);
  std::vector<Rule> rules;
  for (const BuiltInRule& built_in : built_in_rules()) {
    const bool is_asked = std::ranges::any_of(subjects, [&](const Subject& subject) {
      return asks_about(built_in, name_of(subject.type));
    });
    if (!is_asked) continue;
    const Result<Done> added = add_built_in(rules, built_in, Extent::verdict);
    if (!added) return added.error();
  }
  return rules;
}

}  // namespace cfwarden
