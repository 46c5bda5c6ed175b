// How the screen of a repair ends: whether it was stopped, how much there is, and what to run next.
#pragma once

#include "cfwarden/model/plan.h"
#include "cfwarden/output/format.h"

#include <iosfwd>

namespace cfwarden {

// With -q only that it was stopped, and as what it was recorded.
void print_end_of_repair(const Repair& repair, const Terminal& terminal, std::ostream& out);

}  // namespace cfwarden
