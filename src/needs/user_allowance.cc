#include "cfwarden/needs/user_allowance.h"

#include "cfwarden/needs/definition_texts.h"

#include <algorithm>

namespace cfwarden {

UserAllowance::UserAllowance(const Starts& starts)
    : starts_(starts.all.size() + max_starts_of_user),
      wanted_(starts.wanted.size()),
      gaps_(starts.gaps.size() + max_gaps_of_user) {}

void UserAllowance::enforce(const std::string& path, Starts& starts) const {
  const auto added = starts.wanted.begin() + static_cast<std::ptrdiff_t>(wanted_);
  std::sort(added, starts.wanted.end());
  starts.wanted.erase(std::unique(added, starts.wanted.end()), starts.wanted.end());

  const std::size_t wanted = wanted_ + max_wanted_of_user;
  const bool is_over =
      starts.all.size() > starts_ || starts.wanted.size() > wanted || starts.gaps.size() > gaps_;
  if (!is_over) return;
  starts.all.resize(std::min(starts.all.size(), starts_));
  starts.wanted.resize(std::min(starts.wanted.size(), wanted));
  starts.gaps.resize(std::min(starts.gaps.size(), gaps_));
  add_gap(path, "one user has more services than are looked into; the others were left out",
          starts);
}

}  // namespace cfwarden
