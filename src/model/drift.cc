#include "cfwarden/model/drift.h"

#include <algorithm>

namespace cfwarden {

std::size_t Drift::count(Turn turn) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      changes, [turn](const Drifted& one) { return one.turn == turn && !one.excepted; }));
}

}  // namespace cfwarden
