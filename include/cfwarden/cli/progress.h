// A line on standard error that says how far a long look is: nothing in the first second, gone at
// the end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cfwarden {

// How far a sweep is.
struct SweptSoFar {
  std::uint64_t names = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::size_t names_so_far);
  void show(const SweptSoFar& so_far);

 private:
  using Clock = std::chrono::steady_clock;
  bool is_due();
  void draw(const std::string& text);

  Clock::time_point start_;
  Clock::time_point due_;
  bool wanted_;
  bool drawn_ = false;
};

}  // namespace cfwarden
