// What `cfwarden explain` says of a rule or a kind. Data in, text out: output sees neither the
// rules nor the kinds floor, so cli hands over plain values.
#pragma once

#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

struct RuleExplanation {
  std::string id;
  Severity severity = Severity::info;
  std::vector<std::string> profiles;  // "strict: high", for each that weighs it otherwise.
  std::string title;
  std::string rationale;
  std::vector<std::string> fires_when;          // One clause a condition.
  std::vector<Finding> fires_here;              // Of this host; empty when none.
  std::vector<ReportedCredential> credentials;  // Those that these name.
  bool looked_here = false;  // False: the host could not be audited, see here_note.
  std::string here_note;     // "1 place could not be read" ...
  // Filled with the real ids where they are known. The first line of a step is prose, every
  // further line ('\n') a command to copy as it stands: indented, never wrapped.
  std::vector<std::string> steps;
  std::vector<std::string> exception;  // How to except or change it.
  std::vector<std::string> references;
  std::string file;
};
void write_explanation(const RuleExplanation& rule, const Terminal& terminal, std::ostream& out);

// Label and text, in the order to print.
struct KindExplanation {
  std::string kind;
  std::string title;
  std::vector<std::pair<std::string, std::string>> rows;
  std::vector<std::string> if_copied;  // Steps, as those of a rule.
  std::vector<std::string> regularly;  // Steps of a rotation without need.
  std::vector<std::string> rules;      // Ids of the rules that ask about this kind.
};
void write_explanation(const KindExplanation& kind, const Terminal& terminal, std::ostream& out);

}  // namespace cfwarden
