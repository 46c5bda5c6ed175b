#include "cfwarden/model/plan.h"

#include <algorithm>

namespace cfwarden {

std::size_t Repair::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(applied, outcome, &Applied::outcome));
}

}  // namespace cfwarden
