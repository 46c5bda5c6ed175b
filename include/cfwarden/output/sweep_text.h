// What the screen of a sweep has, and that of an audit has not.
#pragma once

#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"

#include <iosfwd>

namespace cfwarden {

// Of a sweep of names: each on a line of its own, whole.
void print_names(const SweptReport& sweep, const Terminal& terminal, std::ostream& out);

// The last lines: what was looked at and found, what was left out, and what to do next.
void print_sweep_end(const Report& report, const Terminal& terminal, std::ostream& out);

}  // namespace cfwarden
