// What the definitions of one ordinary user may add to the starts, so that nobody's own files crowd
// out what root's say: all lists are bounded, and whoever comes first fills them. Pure.
#pragma once

#include "cfwarden/needs/definitions.h"

#include <cstddef>
#include <string>

namespace cfwarden {

inline constexpr std::size_t max_starts_of_user = 32;
inline constexpr std::size_t max_wanted_of_user = 256;
inline constexpr std::size_t max_gaps_of_user = 8;

class UserAllowance {
 public:
  explicit UserAllowance(const Starts& starts);

  // Takes back what was added beyond the allowance since, and says so in a gap at `path`.
  void enforce(const std::string& path, Starts& starts) const;

 private:
  std::size_t starts_ = 0;
  std::size_t wanted_ = 0;
  std::size_t gaps_ = 0;
};

}  // namespace cfwarden
