// The screens of `cfwarden rules list`, `rules profiles` and `rules facts`: plain values in,
// aligned text out.
#pragma once

#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct ListedRule {
  std::string id;
  Severity severity = Severity::info;
  bool enabled = true;
  std::string title;
  std::string file;  // Shown where it is not built in.
  bool built_in = true;
};
void write_rule_list(std::span<const ListedRule> rules, const Terminal& terminal,
                     std::ostream& out);

struct ListedProfile {
  std::string name;
  std::string title;
  std::string description;
};
void write_profile_list(std::span<const ListedProfile> profiles, const Terminal& terminal,
                        std::ostream& out);

struct ListedFact {
  std::string name;
  std::string type;  // "word", "number", "mode", "text".
  std::string summary;
  std::vector<std::string> words;  // Empty but for word facts.
};
void write_fact_list(std::span<const ListedFact> facts, const Terminal& terminal,
                     std::ostream& out);

}  // namespace cfwarden
