#include "cfwarden/output/change_rows.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/attributes_text.h"
#include "cfwarden/output/blocks.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"

#include <algorithm>
#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t head_columns = 13;  // "NOT REACHED  "
constexpr std::size_t plan_indent = 2;    // Of a path without a verdict.
constexpr std::size_t sign_columns = 5;   // "  -  "
constexpr std::size_t mode_columns = 13;  // "-rw-r--r--+  "
constexpr std::size_t octal_columns = 6;  // "0644  "
constexpr std::size_t widest_owner = 24;  // A longer one pushes the group aside.
constexpr std::size_t row_columns = 20;   // "     loses access   "
constexpr std::size_t severity_width = 10;

struct Sign {
  char letter;
  std::string_view sgr;
};

void print_signed(const Sign& sign, const std::string& text, const Terminal& terminal,
                  std::ostream& out) {
  const std::string letter(1, sign.letter);
  print_hanging({.lead = "  " + painted(letter, sign_columns - 2, sign.sgr, terminal),
                 .lead_columns = sign_columns,
                 .hang = row_columns},
                text, terminal, out);
}

std::string state_text(FileType type, const OwnedAttributes& state, std::size_t owner_columns,
                       const Terminal& terminal) {
  return padded(mode_string(type, state.attributes), mode_columns) +
         padded(mode_text(state.attributes.permissions.mode), octal_columns) +
         padded(shown(state.owner, terminal), owner_columns + 2) + shown(state.group, terminal);
}

void print_entries(const Sign& sign, const std::vector<std::string>& entries,
                   const Terminal& terminal, std::ostream& out) {
  if (entries.empty()) return;
  print_signed(sign, padded("acl", mode_columns) + some_of(entries, terminal), terminal, out);
}

}  // namespace

void print_change_head(const ChangeVerdict& verdict, std::string_view path,
                       const Terminal& terminal, std::ostream& out) {
  const std::string name = shown(path, terminal);
  if (verdict.word.empty()) {
    print_path(name, plan_indent, terminal, out);
    return;
  }
  if (head_columns + columns_of(name) <= columns_of_screen(terminal)) {
    out << painted(verdict.word, head_columns, verdict.sgr, terminal) << name << '\n';
    return;
  }
  out << painted(verdict.word, verdict.word.size(), verdict.sgr, terminal) << '\n';
  print_path(name, plan_indent, terminal, out);
}

void print_exchange(const Exchange& exchange, const Terminal& terminal, std::ostream& out) {
  const Sign minus{'-', "31"};
  const Sign plus{'+', "32"};
  const OwnedAttributes& from = exchange.from;
  const OwnedAttributes& to = exchange.to;
  const std::size_t owner_columns = std::min(
      widest_owner,
      std::max(columns_of(shown(from.owner, terminal)), columns_of(shown(to.owner, terminal))));
  print_signed(minus, state_text(exchange.type, from, owner_columns, terminal), terminal, out);
  print_entries(minus, entries_lost(from.attributes, to.attributes, exchange.names), terminal, out);
  print_signed(plus, state_text(exchange.type, to, owner_columns, terminal), terminal, out);
  print_entries(plus, entries_lost(to.attributes, from.attributes, exchange.names), terminal, out);
}

void print_change_row(std::string_view label, std::string_view text, const Terminal& terminal,
                      std::ostream& out) {
  print_hanging({.lead = padded("     " + std::string{label}, row_columns),
                 .lead_columns = row_columns,
                 .hang = row_columns},
                text, terminal, out);
}

void print_rule_rows(std::string_view label, const std::vector<MendedFinding>& rules,
                     const Terminal& terminal, std::ostream& out) {
  for (const MendedFinding& mended : rules) {
    print_hanging(
        {.lead = padded("     " + std::string{label}, row_columns) +
                 severity_word(mended.severity, name_of(mended.severity), severity_width, terminal),
         .lead_columns = row_columns + severity_width,
         .hang = row_columns + severity_width},
        shown(mended.rule, terminal), terminal, out);
    label = "";
  }
}

}  // namespace cfwarden
