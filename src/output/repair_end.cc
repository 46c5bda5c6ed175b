#include "cfwarden/output/repair_end.h"

#include "cfwarden/base/shell_word.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t sentence_hang = 10;

std::string tally_text(const Repair& repair) {
  const RepairTally tally = tally_of(repair);
  std::string text = repair.is_applied ? counted(tally.fixed) + " fixed, "
                                       : counted(tally.pending, "change") + " pending, ";
  text += counted(tally.refused) + " refused, ";
  if (repair.is_applied) text += counted(tally.failed) + " failed, ";
  if (tally.not_reached != 0) text += counted(tally.not_reached) + " not reached, ";
  return text + counted(tally.left) + " left for you";
}

void print_sentence(std::string_view text, const Terminal& terminal, std::ostream& out) {
  print_hanging({.lead = {}, .lead_columns = 0, .hang = sentence_hang}, text, terminal, out);
}

void print_nothing(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  std::string text = "cfwarden: nothing to mend by mode, owner or ACL";
  if (repair.interrupted) text += " in what was looked at";
  if (!repair.plan.advice.empty())
    text += "; " + counted(repair.plan.advice.size()) + " left for you";
  print_sentence(text, terminal, out);
}

void print_interruption(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  if (!repair.interrupted) return;
  print_sentence(repair.is_applied
                     ? "Stopped before the end: what was not reached is as it was"
                     : "Stopped before the end: there may be more to mend than was looked at",
                 terminal, out);
}

// Earlier ones. This one begins afresh, so that it does what they left undone.
void print_interrupted_runs(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  const std::string finished = repair.plan.changes.empty() ? ""
                               : repair.is_applied         ? "this run finishes it; "
                                                           : "--apply finishes it; ";
  for (const std::string& run : repair.interrupted_runs) {
    const std::string name = shown(run, terminal);
    std::string sentence = "Run " + name;
    sentence.append(" was interrupted: ").append(finished).append(terminal.program);
    sentence.append(" undo ").append(name).append(" takes it back");
    print_sentence(sentence, terminal, out);
  }
}

// Of one argument as it was typed; nullopt for one that cannot be copied from this screen.
std::optional<std::string> copied_word(const std::string& argument, const Terminal& terminal) {
  if (shown(argument, terminal) != argument) return std::nullopt;
  const std::string_view letters{
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-=/._,:@%+"};
  const bool is_option =
      argument.starts_with('-') && argument.find_first_not_of(letters) == std::string::npos;
  return is_option ? argument : shell_word(argument);
}

// "cfwarden fix ... --apply" for this very plan; nullopt where it cannot be said.
std::optional<std::string> apply_command(const Repair& repair, const Terminal& terminal) {
  std::string command = terminal.program + " fix";
  for (const std::string& argument : repair.arguments) {
    const auto word = copied_word(argument, terminal);
    if (!word) return std::nullopt;
    command += " " + *word;
  }
  const std::string option = root_option(repair.root, terminal);
  if (repair.arguments.empty() && !option.empty()) command += " " + option;
  return command + " --apply";
}

// A sentence and the commands behind it: on one line where that has room, else one below the other.
struct Closing {
  std::string sentence;
  std::vector<std::pair<std::string, std::string>> commands;  // What it does, and the command.
};

void print_closing(const Closing& closing, const Terminal& terminal, std::ostream& out) {
  std::string line = closing.sentence + " ";
  std::size_t label = 0;
  for (const auto& [what, command] : closing.commands) {
    if (&what != &closing.commands.front().first) line += "     ";
    line += what + ": " + shown(command, terminal);
    label = std::max(label, what.size() + 3);
  }
  if (columns_of(line) <= columns_of_screen(terminal)) {
    out << line << '\n';
    return;
  }
  print_sentence(closing.sentence, terminal, out);
  for (const auto& [what, command] : closing.commands) {
    print_command(padded("  " + what, label + 2), command, terminal, out);
  }
}

void print_next(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  const std::string undo = terminal.program + " undo";
  if (repair.is_applied) {
    if (repair.run.empty()) {
      out << "Nothing was changed.\n";
      return;
    }
    const std::string run = shown(repair.run, terminal);
    print_closing({"Recorded as " + run + ".", {{"Take it back", undo + " " + run}}}, terminal,
                  out);
    return;
  }
  const auto apply = apply_command(repair, terminal);
  print_closing({"Nothing has been changed.",
                 {{"Apply", apply.value_or("run the same command again with --apply")},
                  {"Undo later", undo}}},
                terminal, out);
}

}  // namespace

void print_end_of_repair(const Repair& repair, const Terminal& terminal, std::ostream& out) {
  print_interruption(repair, terminal, out);
  if (terminal.quiet) {
    if (repair.is_applied && !repair.run.empty()) print_next(repair, terminal, out);
    return;
  }
  print_interrupted_runs(repair, terminal, out);
  if (repair.plan.changes.empty() && repair.plan.refusals.empty()) {
    print_nothing(repair, terminal, out);
    return;
  }
  print_sentence(tally_text(repair), terminal, out);
  if (!repair.plan.changes.empty()) print_next(repair, terminal, out);
}

}  // namespace cfwarden
