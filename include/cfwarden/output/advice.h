// What fix leaves for the person, on the screen.
#pragma once

#include "cfwarden/model/plan.h"
#include "cfwarden/output/format.h"

#include <iosfwd>
#include <string_view>
#include <vector>

namespace cfwarden {

// Worst first: each rule with its paths, and how to see the steps; with -v the steps themselves,
// below all that have the same ones. `root` is Repair::root.
void print_advice(const std::vector<Advice>& advice, std::string_view root,
                  const Terminal& terminal, std::ostream& out);

}  // namespace cfwarden
