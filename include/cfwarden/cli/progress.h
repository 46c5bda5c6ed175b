// A line on standard error that says how far a long look is: nothing in the first second, gone at
// the end.
#pragma once

#include <chrono>
#include <cstddef>

namespace cfwarden {

class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::size_t names_so_far);

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point due_;
  bool wanted_;
  bool drawn_ = false;
};

}  // namespace cfwarden
