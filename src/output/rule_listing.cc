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
    if (used + separator.size() + word.size() > columns) {
      text += "\n" + margin;
      used = indent;
    } else {
      text += separator;
      used += separator.size();
    }
    text += word;
    used += word.size();
  }
  return text;
}

}  // namespace

void write_rule_list(std::span<const ListedRule> rules, const Terminal& terminal,
                     std::ostream& out) {
  std::size_t widest = 0;
  for (const ListedRule& rule : rules) widest = std::max(widest, rule.id.size());
  for (const ListedRule& rule : rules) {
    const std::string severity{rule.enabled ? name_of(rule.severity) : "off"};
    std::string line = fmt::format("{:<8} {:<{}}", severity, rule.id, widest);
    const std::string title = printable(rule.title, terminal.charset);
    const bool fits = columns_of(line) + 2 + columns_of(title) <= terminal.columns;
    line += fits ? "  " + title : "\n           " + title;
    if (!rule.built_in) line += "\n           from " + printable(rule.file, terminal.charset);
    out << line << '\n';
  }
}

void write_fact_list(std::span<const ListedFact> facts, const Terminal& terminal,
                     std::ostream& out) {
  std::size_t widest = 0;
  for (const ListedFact& fact : facts) widest = std::max(widest, fact.name.size());
  for (const ListedFact& fact : facts) {
    const std::size_t indent = widest + 10;
    const std::string lead = fmt::format("{:<{}}  {:<6}  ", fact.name, widest, fact.type);
    print_hanging({.lead = lead, .lead_columns = indent, .hang = indent}, fact.summary, terminal,
                  out);
    if (!fact.words.empty()) out << joined(fact.words, indent, terminal.columns) << '\n';
  }
}

}  // namespace cfwarden
