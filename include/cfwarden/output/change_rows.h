// One object of a repair or an undoing on the screen: its path, its two states, and rows below.
//
// Promises  whatever begins a line stands less than ten columns deep, and no continued line does:
//           a name cannot forge one.
#pragma once

#include "cfwarden/model/plan.h"
#include "cfwarden/output/format.h"

#include <iosfwd>
#include <string_view>

namespace cfwarden {

// What became of it, before the path; "" for what is only planned.
struct ChangeVerdict {
  std::string_view word;
  std::string_view sgr;  // Its colour, as painted() takes it.
};
void print_change_head(const ChangeVerdict& verdict, std::string_view path,
                       const Terminal& terminal, std::ostream& out);

struct OwnedAttributes {
  const Attributes& attributes;
  std::string_view owner;
  std::string_view group;
};
struct Exchange {
  FileType type = FileType::regular;
  OwnedAttributes from;
  OwnedAttributes to;
  const AclNames& names;
};
// The lines "-" and "+", with the entries of ACLs that go or come.
void print_exchange(const Exchange& exchange, const Terminal& terminal, std::ostream& out);

// "     loses access   " and the text, which is printable().
void print_change_row(std::string_view label, std::string_view text, const Terminal& terminal,
                      std::ostream& out);

// One row a rule: "     mends          high      readable-by-everyone".
void print_rule_rows(std::string_view label, const std::vector<MendedFinding>& rules,
                     const Terminal& terminal, std::ostream& out);

}  // namespace cfwarden
