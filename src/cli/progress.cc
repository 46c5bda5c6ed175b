#include "cfwarden/cli/progress.h"

#include "cfwarden/cli/terminal.h"

#include <iostream>

namespace cfwarden {
namespace {

constexpr auto quiet_time = std::chrono::seconds{1};
constexpr auto pace = std::chrono::milliseconds{200};

}  // namespace

Progress::Progress() : due_{Clock::now() + quiet_time}, wanted_{progress_wanted()} {}

Progress::~Progress() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

void Progress::show(std::size_t names_so_far) {
  if (!wanted_ || Clock::now() < due_) return;
  due_ = Clock::now() + pace;
  drawn_ = true;
  std::cerr << "\rlooking: " << names_so_far << " names"
            << "\x1b[K" << std::flush;
}

}  // namespace cfwarden
