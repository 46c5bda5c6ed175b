#include "cfwarden/output/rule_listing.h"

#include "cfwarden/model/words.h"
#include "cfwarden/output/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace cfwarden {
namespace {

std::string joined(const std::vector<std::string>& words, std::size_t indent, std::size_t columns) {
  const std::string margin(indent, ' ');
  std::string text = margin;
  std::size_t used = indent;
  for (const std::string& word : words) {
    const std::string_view separator = &word == &words.front() ? "" : " | ";
    if (used + separator.size() + columns_of(word) > columns) {
      text += "\n" + margin;
      used = indent;
    } else {
      text += separator;
      used += separator.size();
    }
    text += word;
    used += columns_of(word);
  }
  return text;
}

}  // namespace

void write_rule_list(std::span<const ListedRule> rules, const Terminal& terminal,
                     std::ostream& out) {
  std::size_t widest = 0;
  for (const ListedRule& rule : rules) {
    widest = std::max(widest, columns_of(shown(rule.id, terminal)));
  }
  for (const ListedRule& rule : rules) {
    const std::string severity{rule.enabled ? name_of(rule.severity) : "off"};
    std::string line = fmt::format("{:<8} ", severity) + padded(shown(rule.id, terminal), widest);
    const std::string title = shown(rule.title, terminal);
    const bool fits = columns_of(line) + 2 + columns_of(title) <= terminal.columns;
    line += fits ? "  " + title : "\n           " + title;
    if (!rule.built_in) line += "\n           from " + shown(rule.file, terminal);
    out << line << '\n';
  }
}

void write_profile_list(std::span<const ListedProfile> profiles, const Terminal& terminal,
                        std::ostream& out) {
  std::size_t indent = 0;
  for (const ListedProfile& profile : profiles) {
    indent = std::max(indent, columns_of(shown(profile.name, terminal)) + 2);
  }
  for (const ListedProfile& profile : profiles) {
    print_hanging({.lead = padded(shown(profile.name, terminal), indent),
                   .lead_columns = indent,
                   .hang = indent},
                  shown(profile.title, terminal), terminal, out);
    print_hanging({.lead = std::string(indent, ' '), .lead_columns = indent, .hang = indent},
                  shown(profile.description, terminal), terminal, out);
  }
}

void write_fact_list(std::span<const ListedFact> facts, const Terminal& terminal,
                     std::ostream& out) {
  std::size_t widest = 0;
  for (const ListedFact& fact : facts) {
    widest = std::max(widest, columns_of(shown(fact.name, terminal)));
  }
  for (const ListedFact& fact : facts) {
    const std::size_t indent = widest + 10;
    const std::string lead = padded(shown(fact.name, terminal), widest) + "  " +
                             padded(shown(fact.type, terminal), 6) + "  ";
    print_hanging({.lead = lead, .lead_columns = indent, .hang = indent},
                  shown(fact.summary, terminal), terminal, out);
    std::vector<std::string> words;
    for (const std::string& word : fact.words) words.push_back(shown(word, terminal));
    if (!words.empty()) out << joined(words, indent, terminal.columns) << '\n';
  }
}

}  // namespace cfwarden
