#include "cfwarden/model/undoing.h"

#include <algorithm>

namespace cfwarden {

Comeback comeback_of(const Restoration& restoration, const Undoing& undoing) {
  if (!restoration.left_because.empty()) return Comeback::left_alone;
  if (!undoing.is_applied) return Comeback::pending;
  switch (restoration.applied.outcome) {
    case Outcome::done:
      return Comeback::restored;
    case Outcome::refused:
      return Comeback::left_alone;
    case Outcome::failed:
      return Comeback::failed;
    case Outcome::not_reached:
      break;
  }
  return Comeback::not_reached;
}

std::size_t count(const Undoing& undoing, Comeback comeback) {
  return static_cast<std::size_t>(
      std::ranges::count_if(undoing.restorations, [&](const Restoration& restoration) {
        return comeback_of(restoration, undoing) == comeback;
      }));
}

}  // namespace cfwarden
