// What fix leaves for the person, on the screen.
#pragma once

#include "cfwarden/model/plan.h"
#include "cfwarden/output/format.h"

#include <iosfwd>
#include <string_view>
#include <vector>

namespace cfwarden {

// Advices with the same steps stand together, above those. With -q one line each, and the commands
// that show the steps. `root` is Repair::root.
void print_advice(const std::vector<Advice>& advice, std::string_view root,
                  const Terminal& terminal, std::ostream& out);

}  // namespace cfwarden
