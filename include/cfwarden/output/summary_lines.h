// The last lines of a report's screen, each with a label in front.
#pragma once

#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace cfwarden {

void print_line(std::string_view label, std::string_view text, const Terminal& terminal,
                std::ostream& out);
// From the left edge.
void print_sentence(std::string_view text, const Terminal& terminal, std::ostream& out);

// The report's gaps, with those that a sweep could not list.
std::uint64_t all_gaps(const Report& report);

// How many of the report's gaps the screen names above these lines.
std::size_t gaps_on_screen(const Report& report, const Terminal& terminal);

// Why this look is not the whole one; "" when it is.
std::string shortfall(const Report& report);

// Of a sweep of names: "12 names that are those of credentials; no file was opened".
std::string names_told(const Report& report);

inline constexpr std::array severities_worst_first{Severity::critical, Severity::high,
                                                   Severity::medium, Severity::low, Severity::info};

// How many findings nobody accepts.
std::size_t open_findings(const Report& report);

// "; 3 of them known", behind what counts findings; "" for none.
std::string known_told(std::size_t known);

// "1 critical, 2 high, 1 excepted", "no findings".
std::string findings_told(const Report& report);

// What somebody who is not root may have missed; "" for nothing.
std::string_view left_out_told(const Report& report);

// How many secrets others can read, as findings tell.
std::size_t exposed_secrets(const Report& report);

// "1 critical   2 high   0 medium   1 low".
std::string tally(const Report& report);

// Each is nothing where there is nothing to say: that not everything was looked at; who looked; by
// which severities, where they are not those of the rules; what the accounts have; which secrets
// others can read.
void print_incompleteness(const Report& report, const Terminal& terminal, std::ostream& out);
void print_viewer(const Report& report, const Terminal& terminal, std::ostream& out);
void print_profile(const Report& report, const Terminal& terminal, std::ostream& out);
void print_accounts(const Report& report, const Terminal& terminal, std::ostream& out);
void print_rotation(const Report& report, const Terminal& terminal, std::ostream& out);

// Findings that `fix` can mend: it leaves what is excepted as it is, and all else of that path,
// too.
std::size_t mendable_findings(const Report& report);

// A command to copy: it stands on one line, or is broken as a shell allows.
struct NextStep {
  std::string label;
  std::string command;
  std::string remark = {};  // Left out where the line has no room for it.
};
void print_next(const NextStep& next, const Report& report, const Terminal& terminal,
                std::ostream& out);

}  // namespace cfwarden
