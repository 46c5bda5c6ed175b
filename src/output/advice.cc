#include "cfwarden/output/advice.h"

#include "cfwarden/base/path.h"
#include "cfwarden/base/shell_word.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/blocks.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"

#include <algorithm>
#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t severity_columns = 11;  // "  critical "
constexpr std::size_t path_columns = 4;
constexpr std::size_t message_columns = 8;
constexpr std::size_t message_hang = 13;
constexpr std::size_t steps_indent = 4;

// What --move-token takes: the rule, and where cloudflared installs its unit.
constexpr std::string_view moved_by_fix = "token-in-unit";
constexpr std::string_view installed_units = "/etc/systemd/system";

// In their order.
using Advices = std::vector<const Advice*>;

// Worst first; those that `are_alike` stand together.
std::vector<Advices> grouped(const std::vector<Advice>& advice,
                             bool (*are_alike)(const Advice& one, const Advice& other)) {
  std::vector<Advices> groups;
  for (const Advice& one : advice) {
    const auto known = std::ranges::find_if(
        groups, [&](const Advices& group) { return are_alike(*group.front(), one); });
    if (known == groups.end()) {
      groups.push_back({&one});
    } else {
      known->push_back(&one);
    }
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Advices& one, const Advices& other) {
    return one.front()->finding.severity > other.front()->finding.severity;
  });
  return groups;
}

bool have_same_steps(const Advice& one, const Advice& other) {
  return one.steps == other.steps;
}

bool have_same_rule(const Advice& one, const Advice& other) {
  return one.finding == other.finding;
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

void print_with_steps(const Advices& group, const Terminal& terminal, std::ostream& out) {
  std::string_view rule;
  for (const Advice* advice : group) {
    if (rule != advice->finding.rule) {
      print_finding(*advice, shown(advice->finding.rule, terminal), terminal, out);
    }
    rule = advice->finding.rule;
    print_path(place_of(*advice, terminal), path_columns, terminal, out);
    print_hanging({.lead = std::string(message_columns, ' '),
                   .lead_columns = message_columns,
                   .hang = message_hang},
                  shown(advice->message.empty() ? advice->title : advice->message, terminal),
                  terminal, out);
  }
  print_steps(group.front()->steps, steps_indent, terminal, out);
  out << '\n';
}

// Where this program can do it, if it is asked to.
void print_move(const Advice& advice, std::string_view root, const Terminal& terminal,
                std::ostream& out) {
  const std::string_view name = file_name_of(advice.path);
  const bool is_unit = directory_of(advice.path) == installed_units && name.ends_with(".service");
  const auto unit = is_unit ? shell_word(name) : std::nullopt;
  if (advice.finding.rule != moved_by_fix || !unit) return;
  const std::string option = root_option(root, terminal);
  print_command(
      std::string(message_columns, ' ') + "move it   ",
      terminal.program + " fix --move-token " + *unit + (option.empty() ? "" : " " + option),
      terminal, out);
}

void print_short(const Advices& group, std::string_view root, const Terminal& terminal,
                 std::ostream& out) {
  const Advice& first = *group.front();
  const std::string rule = shown(first.finding.rule, terminal);
  print_finding(first, rule + "   " + shown(first.title, terminal), terminal, out);
  for (const Advice* advice : group) {
    print_path(place_of(*advice, terminal), path_columns, terminal, out);
    print_move(*advice, root, terminal, out);
  }
}

}  // namespace

void print_advice(const std::vector<Advice>& advice, std::string_view root,
                  const Terminal& terminal, std::ostream& out) {
  if (advice.empty()) return;
  out << "Left for you, because a mode cannot mend them\n\n";
  if (terminal.verbose) {
    for (const Advices& group : grouped(advice, have_same_steps)) {
      print_with_steps(group, terminal, out);
    }
    return;
  }
  for (const Advices& group : grouped(advice, have_same_rule)) {
    print_short(group, root, terminal, out);
  }
  print_explain("  steps    ", "RULE", root, terminal, out);
  out << "           or all of them, with your own ids: -v\n\n";
}

}  // namespace cfwarden
