#include "cfwarden/output/advice.h"

#include "cfwarden/model/words.h"
#include "cfwarden/output/blocks.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"

#include <algorithm>
#include <ostream>
#include <set>

namespace cfwarden {
namespace {

constexpr std::size_t severity_columns = 11;  // "  critical "
constexpr std::size_t path_columns = 4;
constexpr std::size_t message_columns = 8;
constexpr std::size_t message_hang = 13;
constexpr std::size_t steps_indent = 4;
constexpr std::size_t most_paths = 20;  // Above the same steps, without -v.

// Advices whose steps are the same, in their order.
using SameSteps = std::vector<const Advice*>;

std::vector<SameSteps> grouped(const std::vector<Advice>& advice) {
  std::vector<SameSteps> groups;
  for (const Advice& one : advice) {
    const auto known = std::ranges::find_if(
        groups, [&](const SameSteps& group) { return group.front()->steps == one.steps; });
    if (known == groups.end()) {
      groups.push_back({&one});
    } else {
      known->push_back(&one);
    }
  }
  return groups;
}

std::string place_of(const Advice& advice, const Terminal& terminal) {
  const std::string path = shown(advice.path, terminal);
  return advice.line ? path + ":" + std::to_string(*advice.line) : path;
}

// The text behind the severity.
void print_finding(const Advice& advice, std::string_view text, const Terminal& terminal,
                   std::ostream& out) {
  const Severity severity = advice.finding.severity;
  print_hanging(
      {.lead = "  " + severity_word(severity, name_of(severity), severity_columns - 2, terminal),
       .lead_columns = severity_columns,
       .hang = message_hang},
      text, terminal, out);
}

void print_group(const SameSteps& group, const Terminal& terminal, std::ostream& out) {
  const bool all = terminal.verbose || group.size() <= most_paths;
  const std::size_t count = all ? group.size() : most_paths;
  std::string_view rule;
  for (std::size_t i = 0; i < count; ++i) {
    const Advice& advice = *group[i];
    if (rule != advice.finding.rule) {
      print_finding(advice, shown(advice.finding.rule, terminal), terminal, out);
    }
    rule = advice.finding.rule;
    print_path(place_of(advice, terminal), path_columns, terminal, out);
    print_hanging({.lead = std::string(message_columns, ' '),
                   .lead_columns = message_columns,
                   .hang = message_hang},
                  shown(advice.message.empty() ? advice.title : advice.message, terminal), terminal,
                  out);
  }
  if (!all) out << "    and " << counted(group.size() - count) << " more: -v names them all\n";
  print_steps(group.front()->steps, steps_indent, terminal, out);
  out << '\n';
}

void print_short(const std::vector<Advice>& advice, std::string_view root, const Terminal& terminal,
                 std::ostream& out) {
  std::set<std::string_view> rules;
  std::size_t widest = 0;
  for (const Advice& one : advice) {
    rules.insert(one.finding.rule);
    widest = std::max(widest, columns_of(shown(one.finding.rule, terminal)));
  }
  for (const Advice& one : advice) {
    const std::string place = place_of(one, terminal);
    const std::string rule = shown(one.finding.rule, terminal);
    const std::size_t before = severity_columns + widest + 3;
    if (before + columns_of(place) <= columns_of_screen(terminal)) {
      print_finding(one, padded(rule, widest + 3) + place, terminal, out);
    } else {
      print_finding(one, rule, terminal, out);
      print_path(place, path_columns, terminal, out);
    }
  }
  for (const std::string_view rule : rules) {
    print_explain("  steps    ", rule, root, terminal, out);
  }
  out << '\n';
}

}  // namespace

void print_advice(const std::vector<Advice>& advice, std::string_view root,
                  const Terminal& terminal, std::ostream& out) {
  if (advice.empty()) return;
  out << "Left for you, because a mode cannot mend them\n";
  if (terminal.quiet) {
    print_short(advice, root, terminal, out);
    return;
  }
  out << '\n';
  for (const SameSteps& group : grouped(advice)) print_group(group, terminal, out);
}

}  // namespace cfwarden
