// What could not be looked at, told by any thread. However many there are, the list stays small,
// and is the same from run to run: the first ones by path, and how many more.
#pragma once

#include "cfwarden/model/report.h"

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

class GapList {
 public:
  static constexpr std::size_t most_gaps = 4096;
  static constexpr std::size_t longest_path = 4096;  // What is longer is cut, with an ellipsis.

  void add(std::string path, std::string why);
  // So many more, which somebody else counted and did not list.
  void leave_out(std::uint64_t more);

  std::vector<Gap> sorted() const;
  std::uint64_t left_out() const;

 private:
  mutable std::mutex mutex_;
  std::multiset<std::pair<std::string, std::string>> first_;
  std::uint64_t added_ = 0;
};

}  // namespace cfwarden
