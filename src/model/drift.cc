#include "cfwarden/model/drift.h"

#include <algorithm>

namespace cfwarden {

std::size_t Drift::count(Turn turn) const {
  return static_cast<std::size_t>(std::ranges::count(changes, turn, &Drifted::turn));
}

}  // namespace cfwarden
