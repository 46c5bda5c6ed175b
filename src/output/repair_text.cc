#include "cfwarden/base/path.h"
#include "cfwarden/output/advice.h"
#include "cfwarden/output/change_rows.h"
#include "cfwarden/output/excepted.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/repair.h"
#include "cfwarden/output/repair_end.h"
#include "cfwarden/output/steps.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <set>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t label_columns = 10;  // "Rotate    "
constexpr std::size_t command_indent = 9;  // Below "     by hand".
constexpr std::size_t most_keepers = 8;    // Without -v; the rest is counted.

struct Upshot {
  Outcome outcome = Outcome::not_reached;
  ChangeVerdict verdict;
  std::string_view why;
};

// What became of change number `index`; nothing of a plan.
std::optional<Upshot> upshot_of(const Repair& repair, std::size_t index) {
  if (!repair.is_applied) return std::nullopt;
  Upshot upshot{.verdict = {"NOT REACHED", "33"}};
  if (index >= repair.applied.size()) return upshot;
  upshot.outcome = repair.applied[index].outcome;
  upshot.why = repair.applied[index].why;
  switch (upshot.outcome) {
    case Outcome::done:
      upshot.verdict = {"DONE", "32"};
      break;
    case Outcome::refused:
      upshot.verdict = {"REFUSED", "33"};
      break;
    case Outcome::failed:
      upshot.verdict = {"FAILED", "31"};
      break;
    case Outcome::not_reached:
      break;
  }
  return upshot;
}

std::string losers_of(const Change& change, const Terminal& terminal) {
  if (change.everyone_loses) {
    if (change.losers.empty()) return "everyone else";
    return "everyone else (" + some_of(change.losers, terminal) + ")";
  }
  return change.losers.empty() ? "nobody" : some_of(change.losers, terminal);
}

void print_keepers(const Change& change, const Terminal& terminal, std::ostream& out) {
  const bool all = terminal.verbose || change.keepers.size() <= most_keepers;
  const std::size_t count = all ? change.keepers.size() : most_keepers;
  std::string_view label = "keeps access";
  for (std::size_t i = 0; i < count; ++i) {
    const Keeper& keeper = change.keepers[i];
    print_change_row(label,
                     shown(keeper.who, terminal) + " (" + shown(keeper.user, terminal) + "), " +
                         shown(keeper.how, terminal) + ": checked",
                     terminal, out);
    label = "";
  }
  if (!all) {
    print_change_row(label, "and " + counted(change.keepers.size() - count) + " more, all checked",
                     terminal, out);
  }
}

void print_states(const Change& change, const Repair& repair, const Terminal& terminal,
                  std::ostream& out) {
  print_exchange({.type = change.type,
                  .from = {change.before, change.owner_before, change.group_before},
                  .to = {change.after, change.owner_after, change.group_after},
                  .names = repair.acl_names},
                 terminal, out);
}

// The reasons behind a change that is planned or was made.
void print_reasons(const Change& change, bool is_done, const Terminal& terminal,
                   std::ostream& out) {
  print_rule_rows(is_done ? "mended" : "mends", change.mends, terminal, out);
  print_change_row(is_done ? "lost access" : "loses access", losers_of(change, terminal), terminal,
                   out);
  print_keepers(change, terminal, out);
  if (!change.not_tighter.empty()) {
    print_change_row("not tighter", shown(change.not_tighter, terminal), terminal, out);
  }
}

void print_change(const Change& change, const std::optional<Upshot>& upshot, const Repair& repair,
                  const Terminal& terminal, std::ostream& out) {
  print_change_head(upshot ? upshot->verdict : ChangeVerdict{}, change.path, terminal, out);
  if (upshot && !upshot->why.empty()) {
    std::string why = shown(upshot->why, terminal);
    if (upshot->outcome == Outcome::failed) why += "; undo takes back what was done until then";
    print_change_row("because", why, terminal, out);
  }
  const bool is_done = upshot && upshot->outcome == Outcome::done;
  if (!upshot || is_done || upshot->outcome == Outcome::failed) {
    print_states(change, repair, terminal, out);
  }
  if (!terminal.quiet) {
    if (!upshot || is_done) {
      print_reasons(change, is_done, terminal, out);
    } else {
      print_rule_rows("leaves", change.mends, terminal, out);
    }
  }
  out << '\n';
}

void print_refusals(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  if (repair.plan.refusals.empty()) return;
  out << "Refused, nothing " << (repair.is_applied ? "was" : "is") << " changed there\n";
  for (const Refusal& refusal : repair.plan.refusals) {
    out << '\n';
    print_change_head({}, refusal.path, terminal, out);
    print_change_row("because", shown(refusal.why, terminal), terminal, out);
    if (terminal.quiet) continue;
    print_rule_rows("leaves", refusal.leaves, terminal, out);
    if (refusal.command.empty()) continue;
    out << "     by hand\n";
    print_command(std::string(command_indent, ' '), refusal.command, terminal, out);
  }
  out << '\n';
}

void print_accepted(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  if (repair.plan.accepted.empty() || terminal.quiet) return;
  out << "Accepted by an exception, and left as it is\n";
  for (const Accepted& accepted : repair.plan.accepted) {
    const std::string line = accepted.line ? ":" + std::to_string(*accepted.line) : "";
    out << '\n';
    print_change_head({}, accepted.path + line, terminal, out);
    print_rule_rows("excepted", {accepted.finding}, terminal, out);
    print_change_row("accepted", shown(accepted_until(*accepted.exception), terminal), terminal,
                     out);
  }
  out << '\n';
}

// The rule that says best why a secret is to be replaced.
std::string_view rule_of_rotation(const Change& change) {
  for (const MendedFinding& mended : change.mends) {
    if (tells_of_readers(mended.rule)) return mended.rule;
  }
  return change.mends.empty() ? std::string_view{} : change.mends.front().rule;
}

// Files by themselves; a directory only where none of its files is among them.
std::vector<const Change*> exposed_secrets(const Plan& plan) {
  std::vector<const Change*> exposed;
  for (const Change& change : plan.changes) {
    const bool stands_for_its_files = std::ranges::none_of(plan.changes, [&](const Change& other) {
      return &other != &change && other.held_secret && lies_in(other.path, change.path);
    });
    if (change.held_secret && stands_for_its_files) exposed.push_back(&change);
  }
  return exposed;
}

// A secret that others could read may have been copied: that outlives every change of mode.
void print_rotation(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  const std::vector<const Change*> exposed = exposed_secrets(repair.plan);
  if (exposed.empty()) return;
  std::set<std::string_view> rules;
  for (const Change* change : exposed) {
    if (const auto rule = rule_of_rotation(*change); !rule.empty()) rules.insert(rule);
  }
  print_hanging({.lead = padded("Rotate", label_columns),
                 .lead_columns = label_columns,
                 .hang = label_columns},
                "These files were readable by others. Tightening stops new readers; it does not "
                "call back copies: rotate.",
                terminal, out);
  for (const Change* change : exposed) print_change_head({}, change->path, terminal, out);
  for (const std::string_view rule : rules) {
    if (!terminal.quiet) print_explain("How       ", rule, repair.root, terminal, out);
  }
  out << '\n';
}

}  // namespace

void write_repair(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  const Plan& plan = repair.plan;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    print_change(plan.changes[i], upshot_of(repair, i), repair, terminal, out);
  }
  print_refusals(repair, terminal, out);
  print_accepted(repair, terminal, out);
  print_advice(plan.advice, repair.root, terminal, out);
  print_rotation(repair, terminal, out);
  print_end_of_repair(repair, terminal, out);
}

}  // namespace cfwarden
