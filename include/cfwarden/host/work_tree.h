// The nearest directory above a file that holds a .git.
//
// Promises  as many questions as there are directories above, fewer where files are asked for in
//           the order of their paths; remembers no more than what lies above the last one. Ends at
//           an interrupt, and soon after the time that it is given.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/territory.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace cfwarden {

struct WorkTree {
  std::string top;      // The directory that holds .git; "" where there is none. Hostile bytes.
  Territory territory;  // Of what .git holds.
};

class WorkTreeSearch {
 public:
  using Clock = std::chrono::steady_clock;

  explicit WorkTreeSearch(const Opener& opener) : opener_{opener} {}

  // `directory`: of the file, as the audited host names it, without links. Error codes: ETIME and
  // EINTR where it was not asked to the end.
  Result<WorkTree> above(const std::string& directory, Clock::time_point deadline);

 private:
  static constexpr std::size_t unasked = static_cast<std::size_t>(-1);
  static constexpr std::size_t none = unasked - 1;
  // The directory of that number on the way down, the root's is 0.
  struct Level {
    std::size_t top = unasked;  // The level of the nearest .git, it or above.
    Territory territory;        // Of its own .git.
  };

  void keep_what_is_above(const std::string& directory);
  Result<Done> search(const std::string& directory, Clock::time_point deadline);
  std::string path_of(std::size_t level) const;

  const Opener& opener_;
  std::string last_;  // The directory that was asked for last; "" for the root.
  std::vector<Level> levels_;
};

}  // namespace cfwarden
