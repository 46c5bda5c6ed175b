// The whole vocabulary of rule files: a rule cannot ask what is not here.
//
// To add a fact: add its row in src/rules/facts.cc. Names and words become part of the rule
// format: never rename them.
#pragma once

#include "cfwarden/model/subject.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cfwarden {

enum class FactType { word, number, text };

// A word or text; a number; or nothing: no condition but a negated one holds on nothing.
using FactValue = std::variant<std::monostate, std::string, double>;

// What a quoted path becomes under --root: `of_subject` carries DIR in front, unless a link lies on
// the way, which leads out of DIR for whoever copies the command; `elsewhere` stays out of it.
enum class PathFact { none, of_subject, elsewhere };

struct Fact {
  std::string_view name;
  FactType type = FactType::word;
  std::string_view summary;                  // For `cfwarden rules facts`.
  std::vector<std::string_view> (*words)();  // Word facts: every word it can have; else nullptr.
  bool octal = false;  // Number facts that are modes: written "0640" in rules and text.
  FactValue (*read)(const Subject& subject);
  std::string_view placeholder = "unknown";  // In a filled template, where there is no value.
  // Text facts: names of letters, digits and hyphens, which a command may hold unquoted. Any other
  // text stays out of filled templates: whoever wrote the credential chose it.
  bool identifier = false;
  // Text facts: the beginning of a command, made here and safe to copy; stands unquoted.
  bool command = false;
  PathFact path = PathFact::none;  // Text facts.
};

std::span<const Fact> all_facts();
const Fact* find_fact(std::string_view name);

// One value a row of all_facts(), in that order.
struct FactValues {
  std::vector<FactValue> values;
  std::string root_prefix;    // Of the subject.
  bool free_of_links = true;  // No link was followed on the way to it.
  const FactValue& of(const Fact& fact) const;
};

FactValues facts_of(const Subject& subject);
// All unknown, but what follows from the root; for examples, and for a host without the fault.
FactValues no_facts(const std::string& root_prefix = {});

// The value as people read it: "0644" for an octal number, "unknown" for nothing.
std::string text_of(const Fact& fact, const FactValue& value);

}  // namespace cfwarden
