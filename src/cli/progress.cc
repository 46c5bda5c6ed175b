#include "cfwarden/cli/progress.h"

#include "cfwarden/cli/terminal.h"
#include "cfwarden/output/phrases.h"

#include <algorithm>
#include <iostream>

namespace cfwarden {
namespace {

constexpr auto quiet_time = std::chrono::seconds{1};
constexpr auto pace = std::chrono::milliseconds{200};

}  // namespace

Progress::Progress()
    : start_{Clock::now()}, due_{start_ + quiet_time}, wanted_{progress_wanted()} {}

Progress::~Progress() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

bool Progress::is_due() {
  if (!wanted_ || Clock::now() < due_) return false;
  due_ = Clock::now() + pace;
  return true;
}

void Progress::draw(const std::string& text) {
  drawn_ = true;
  std::cerr << '\r' << text << "\x1b[K" << std::flush;
}

void Progress::show(std::size_t names_so_far) {
  if (is_due()) draw("looking: " + std::to_string(names_so_far) + " names");
}

void Progress::show(const SweptSoFar& so_far) {
  if (!is_due()) return;
  const std::chrono::duration<double> passed = Clock::now() - start_;
  const auto rate =
      static_cast<std::uint64_t>(static_cast<double>(so_far.bytes) / std::max(passed.count(), 0.1));
  std::string text = "sweeping: " + counted(so_far.names) + " names";
  if (so_far.files > 0) {
    text += ", " + counted(so_far.files) + " files, " + size_text(so_far.bytes) + ", ";
    text += size_text(rate) + "/s";
  }
  draw(text);
}

}  // namespace cfwarden
