#include "cfwarden/rules/procedures.h"

#include "cfwarden/model/words.h"
#include "cfwarden/rules/document.h"
#include "cfwarden/rules/placeholders.h"
#include "cfwarden/rules/suggestion.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

namespace cfwarden {
namespace {

constexpr std::string_view procedure_prefix = "procedure:";

const Procedure* find_procedure(const std::vector<Procedure>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &Procedure::name);
  return found == all.end() ? nullptr : &*found;
}

Result<std::vector<std::string>> steps_from(std::string_view file, const Node& list) {
  std::vector<std::string> steps;
  for (const Node& item : list.items) {
    const std::optional<std::string> step = lines_of(item);
    if (!step) return document_error(file, item.line, "a step is text or a list of lines");
    const std::string problem = template_problem(*step, TemplateUse::step);
    if (!problem.empty()) return document_error(file, item.line, problem);
    steps.push_back(*step);
  }
  return steps;
}

// A step may stand for a procedure that was read before: no circle can come of that.
std::string nesting_problem(const std::vector<std::string>& steps,
                            const std::vector<Procedure>& before) {
  for (const std::string& step : steps) {
    if (!step.starts_with(procedure_prefix)) continue;
    const std::string name = step.substr(procedure_prefix.size());
    if (find_procedure(before, name) == nullptr) return "'" + name + "' must stand before it";
  }
  return "";
}

// nullptr for a key that names no steps.
std::vector<std::string>* steps_named(Procedure& procedure, std::string_view key) {
  if (key == "steps") return &procedure.steps;
  if (key == "managed") return &procedure.managed;
  if (key == "embedded") return &procedure.embedded;
  if (key == "unit") return &procedure.unit;
  if (key == "locking") return &procedure.locking;
  return key == "container" ? &procedure.container : nullptr;
}

Result<Procedure> plain_procedure(std::string_view file, const Node& node,
                                  const std::vector<Procedure>& before) {
  Procedure procedure;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    Result<std::vector<std::string>> read = steps_from(file, node.items[i]);
    if (!read) return read.error();
    const std::string problem = nesting_problem(*read, before);
    if (!problem.empty()) return document_error(file, node.items[i].line, problem);
    *steps_named(procedure, node.keys[i]) = std::move(*read);
  }
  return procedure;
}

Result<Procedure> procedure_from(std::string_view file, const Node& node,
                                 const std::vector<Procedure>& before) {
  Procedure known;
  const bool is_plain = std::ranges::all_of(
      node.keys, [&](const std::string& key) { return steps_named(known, key) != nullptr; });
  if (is_plain && node.find("steps") != nullptr) return plain_procedure(file, node, before);
  const Node* lead = node.find("lead");
  const Node* kinds = node.find("by_kind");
  if (lead == nullptr || kinds == nullptr || node.items.size() != 2) {
    return document_error(file, node.line, "a procedure holds steps, or lead and by_kind");
  }
  Procedure procedure;
  procedure.lead = lead->text;
  for (std::size_t i = 0; i < kinds->items.size(); ++i) {
    procedure.by_kind.emplace_back(kinds->keys[i], kinds->items[i].text);
  }
  return procedure;
}

// Parsed once, when the first rule's steps are asked for.
const Result<std::vector<Procedure>>& procedures() {
  static const Result<std::vector<Procedure>> parsed =
      parse_procedures(built_in_procedures().file, built_in_procedures().bytes);
  return parsed;
}

struct Variant {
  const Procedure* procedure = nullptr;
  std::vector<std::string> kinds;
};

// The procedures that `wanted` kinds lead to, each once.
std::vector<Variant> variants_of(const std::vector<Procedure>& all, const Procedure& procedure,
                                 const std::function<bool(const std::string&)>& wanted) {
  std::vector<Variant> variants;
  for (const auto& [kind, target] : procedure.by_kind) {
    const Procedure* found = find_procedure(all, target);
    if (found == nullptr || !wanted(kind)) continue;
    const auto known = std::ranges::find(variants, found, &Variant::procedure);
    if (known != variants.end()) {
      known->kinds.push_back(kind);
    } else {
      variants.push_back({.procedure = found, .kinds = {kind}});
    }
  }
  return variants;
}

// The steps of many kinds one after the other help nobody: each kind's page has its own.
std::string pages_of(const std::vector<Variant>& variants) {
  std::string step = "The steps go by the kind of the credential:";
  for (const Variant& variant : variants) {
    for (const std::string& kind : variant.kinds) step += "\ncfwarden explain " + kind;
  }
  return step;
}

struct Circumstances {
  std::function<bool(const std::string&)> wants_kind;
  bool is_managed = false;
  bool is_embedded = false;
  bool is_in_unit = false;
  bool locks_out = false;
  bool is_for_container = false;
};

const std::vector<std::string>& plain_steps(const Procedure& procedure,
                                            const Circumstances& given) {
  if (given.is_managed && !procedure.managed.empty()) return procedure.managed;
  if (given.is_embedded && !procedure.embedded.empty()) return procedure.embedded;
  if (given.is_in_unit && !procedure.unit.empty()) return procedure.unit;
  if (given.locks_out && !procedure.locking.empty()) return procedure.locking;
  return given.is_for_container && !procedure.container.empty() ? procedure.container
                                                                : procedure.steps;
}

std::vector<std::string> steps_of(const std::vector<Procedure>& all, const Procedure& procedure,
                                  const Circumstances& given);

std::vector<std::string> expanded(const std::vector<Procedure>& all,
                                  const std::vector<std::string>& written,
                                  const Circumstances& given) {
  std::vector<std::string> steps;
  for (const std::string& step : written) {
    if (!step.starts_with(procedure_prefix)) {
      steps.push_back(step);
      continue;
    }
    const Procedure* procedure = find_procedure(all, step.substr(procedure_prefix.size()));
    if (procedure == nullptr) continue;  // Not from a file that was accepted.
    std::ranges::copy(steps_of(all, *procedure, given), std::back_inserter(steps));
  }
  return steps;
}

// Where several kinds are possible, each step is headed by those that it is for.
std::vector<std::string> steps_of(const std::vector<Procedure>& all, const Procedure& procedure,
                                  const Circumstances& given) {
  if (procedure.by_kind.empty()) {
    return expanded(all, plain_steps(procedure, given), given);
  }
  const std::vector<Variant> variants = variants_of(all, procedure, given.wants_kind);
  std::vector<std::string> steps;
  if (variants.empty()) return steps;
  steps.push_back(procedure.lead);
  if (variants.size() > 1) {
    steps.push_back(pages_of(variants));
  } else {
    std::ranges::copy(steps_of(all, *variants.front().procedure, given), std::back_inserter(steps));
  }
  return steps;
}

bool is_known(const FactValue& value) {
  return !std::holds_alternative<std::monostate>(value);
}

bool is_of_container(const FactValue& start_source) {
  constexpr std::array engines{StartSource::docker, StartSource::podman, StartSource::compose,
                               StartSource::kubernetes};
  return std::ranges::any_of(engines, [&](StartSource engine) {
    return start_source == FactValue{std::string{name_of(engine)}};
  });
}

// The kind of the subject; where that is unknown, what the rule asks about.
bool may_be_of_kind(const Rule& rule, const FactValues& facts, const std::string& kind) {
  const Fact& kind_fact = *find_fact("kind");
  const FactValue& known = facts.of(kind_fact);
  if (is_known(known)) return known == FactValue{kind};
  if (is_known(facts.of(*find_fact("subject")))) return false;
  return std::ranges::all_of(rule.when, [&](const Condition& condition) {
    if (condition.fact != &kind_fact) return true;
    const bool named = std::ranges::find(condition.any_of, kind) != condition.any_of.end();
    return named != condition.negated;
  });
}

}  // namespace

Result<std::vector<Procedure>> parse_procedures(std::string_view file, std::string_view bytes) {
  const Result<Node> document = parse_document(file, bytes);
  if (!document) return document.error();
  std::vector<Procedure> all;
  for (std::size_t i = 0; i < document->keys.size(); ++i) {
    Result<Procedure> procedure = procedure_from(file, document->items[i], all);
    if (!procedure) return procedure.error();
    procedure->name = document->keys[i];
    all.push_back(std::move(*procedure));
  }
  return all;
}

Result<std::vector<std::string>> procedure_steps(std::string_view name) {
  const Result<std::vector<Procedure>>& all = procedures();
  if (!all) return all.error();
  const Procedure* procedure = find_procedure(*all, name);
  const Circumstances any{.wants_kind = [](const std::string&) { return true; }};
  if (procedure != nullptr) return steps_of(*all, *procedure, any);
  std::vector<std::string_view> known;
  for (const Procedure& other : *all) known.push_back(other.name);
  return Error{.what = "procedure '" + std::string{name} + "': " + unknown_among(name, known)};
}

std::vector<std::string> remediation_steps(const Rule& rule, const FactValues& facts) {
  if (!procedures()) return {};
  const FactValue& manager = facts.of(*find_fact("managed_by"));
  const FactValue& placement = facts.of(*find_fact("placement"));
  const Circumstances given{
      .wants_kind = [&](const std::string& kind) { return may_be_of_kind(rule, facts, kind); },
      .is_managed = is_known(manager) && manager != FactValue{"nobody"},
      .is_embedded = is_known(placement) && placement != FactValue{"whole-file"},
      .is_in_unit = facts.of(*find_fact("definition")) == FactValue{"systemd-unit"},
      .locks_out = is_known(facts.of(*find_fact("locked_out"))),
      .is_for_container = is_of_container(facts.of(*find_fact("start_source")))};
  std::vector<std::string> steps = expanded(*procedures(), rule.remediation, given);
  for (std::string& step : steps) step = fill_template(step, facts);
  return steps;
}

std::vector<std::string> kind_steps(std::string_view procedure, std::string_view kind,
                                    const FactValues& facts) {
  if (!procedures()) return {};
  const Procedure* by_kind = find_procedure(*procedures(), procedure);
  if (by_kind == nullptr) return {};
  const auto row =
      std::ranges::find_if(by_kind->by_kind, [&](const auto& one) { return one.first == kind; });
  if (row == by_kind->by_kind.end()) return {};
  Result<std::vector<std::string>> steps = procedure_steps(row->second);
  if (!steps) return {};
  for (std::string& step : *steps) step = fill_template(step, facts);
  return *steps;
}

std::string step_problem(std::string_view step) {
  if (!step.starts_with(procedure_prefix)) return template_problem(step, TemplateUse::step);
  const auto steps = procedure_steps(step.substr(procedure_prefix.size()));
  return steps ? "" : steps.error().what;
}

}  // namespace cfwarden
