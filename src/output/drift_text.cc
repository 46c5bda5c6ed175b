#include "cfwarden/model/words.h"
#include "cfwarden/output/blocks.h"
#include "cfwarden/output/drift.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t head_columns = 10;
constexpr std::size_t severity_columns = 10;
constexpr std::size_t message_hang = 13;
constexpr std::size_t most_changes = 60;  // Without -v.

std::string told_again(std::string_view bytes, const Terminal& terminal) {
  return printable(concealed_again(bytes), terminal.charset);
}

struct TurnWord {
  Turn turn;
  std::string_view word;
  std::string_view sgr;
};

constexpr TurnWord turn_words[] = {{Turn::fresh, "NEW", "31"},
                                   {Turn::worse, "WORSE", "31"},
                                   {Turn::unknown, "UNKNOWN", "33"},
                                   {Turn::better, "BETTER", "32"},
                                   {Turn::gone, "GONE", "32"}};

void print_deep(const std::string& text, const Terminal& terminal, std::ostream& out) {
  print_hanging(
      {.lead = std::string(message_hang, ' '), .lead_columns = message_hang, .hang = message_hang},
      text, terminal, out);
}

constexpr std::string_view dimmed = "2";

// What is excepted is told of, and is nothing to be frightened of.
std::string weight_word(const Drifted& one, const Terminal& terminal) {
  if (one.excepted) return painted("excepted", severity_columns, dimmed, terminal);
  return severity_word(one.severity, name_of(one.severity), severity_columns, terminal);
}

void print_change(const Drifted& one, const Terminal& terminal, std::ostream& out) {
  const auto* const row = std::ranges::find(turn_words, one.turn, &TurnWord::turn);
  out << painted(row->word, head_columns, one.excepted ? dimmed : row->sgr, terminal)
      << weight_word(one, terminal);
  const std::string rule = told_again(one.rule, terminal);
  std::string path = told_again(one.path, terminal);
  if (one.line) path += ":" + std::to_string(*one.line);
  constexpr std::size_t before_rule = head_columns + severity_columns;
  if (before_rule + columns_of(rule) + 3 + columns_of(path) <= columns_of_screen(terminal)) {
    out << rule << "   " << path << '\n';
  } else {
    out << cut(rule, columns_of_screen(terminal) - before_rule,
               columns_of_screen(terminal) - before_rule)
               .front()
        << '\n';
    print_path(path, message_hang, terminal, out);
  }
  const std::string& what = one.message.empty() ? one.title : one.message;
  print_deep(told_again(what, terminal), terminal, out);
  if (!one.why.empty()) print_deep(told_again(one.why, terminal), terminal, out);
}

void print_new_gaps(const Drift& drift, const Terminal& terminal, std::ostream& out) {
  const std::size_t count =
      terminal.verbose ? drift.new_gaps.size() : std::min(drift.new_gaps.size(), most_changes);
  for (std::size_t i = 0; i < count; ++i) {
    print_gap(drift.new_gaps[i], terminal, out);
  }
  if (count < drift.new_gaps.size()) {
    out << "          and " << counted(drift.new_gaps.size() - count)
        << " more: -v names them all\n";
  }
}

std::string named(const ReportStamp& stamp, const Terminal& terminal) {
  std::string text =
      stamp.hostname.empty() ? "a host without a name" : told_again(stamp.hostname, terminal);
  if (stamp.root != "/" && !stamp.root.empty())
    text += " below " + told_again(stamp.root, terminal);
  return text;
}

std::string moment(const ReportStamp& stamp, const Terminal& terminal) {
  return stamp.started.empty() ? "a time that is not known" : told_again(stamp.started, terminal);
}

void print_end(const Drift& drift, const Terminal& terminal, std::ostream& out) {
  const bool one_host =
      drift.older.hostname == drift.newer.hostname && drift.older.root == drift.newer.root;
  print_line("Compared",
             named(drift.older, terminal) + ", " + moment(drift.older, terminal) + ", with " +
                 (one_host ? "" : named(drift.newer, terminal) + ", ") +
                 moment(drift.newer, terminal),
             terminal, out);
  if (drift.newer.started < drift.older.started) {
    print_line("", "the second was made before the first: are they swapped?", terminal, out);
  }
  std::string counts;
  for (const auto& turn : words_of<Turn>()) {
    counts += counted(drift.count(turn.value)) + " " + std::string{turn.name} + "   ";
  }
  print_line("Changed", counts + counted(drift.unchanged) + " as before", terminal, out);
  if (drift.excepted != 0) {
    print_line("Excepted", counted(drift.excepted) + " besides, which fail nothing", terminal, out);
  }
  if (drift.count(Turn::unknown) != 0) {
    print_line("Unknown", "is what was not looked at again: it may still be there", terminal, out);
  }
  if (!drift.new_gaps.empty()) {
    print_line("Not read",
               counted(drift.new_gaps.size()) + " that could be read before, or was not there",
               terminal, out);
  }
  if (drift.newer.stopped) {
    print_line("Stopped", "the second look, before its end", terminal, out);
  } else if (!drift.newer.complete) {
    print_line("", "the second look is incomplete: what it did not read may hold more", terminal,
               out);
  }
}

}  // namespace

void write_drift(const Drift& drift, const Terminal& terminal, std::ostream& out) {
  const std::size_t count =
      terminal.verbose ? drift.changes.size() : std::min(drift.changes.size(), most_changes);
  for (std::size_t i = 0; i < count; ++i) print_change(drift.changes[i], terminal, out);
  if (count < drift.changes.size()) {
    out << "          and " << counted(drift.changes.size() - count)
        << " more: -v names them all\n";
  }
  print_new_gaps(drift, terminal, out);
  if (terminal.quiet) return;
  if (!drift.changes.empty() || !drift.new_gaps.empty()) out << '\n';
  print_end(drift, terminal, out);
}

}  // namespace cfwarden
