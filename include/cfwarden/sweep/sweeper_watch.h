// The supervisor's side of the sweeper: starts it, hears it out, and knows how it ended.
//
// Promises  bounded memory, whatever the sweeper says. One that did not say its last word is a gap
//           at each of its paths, so that what was cut off never looks clean.
#pragma once

#include "cfwarden/host/descriptor.h"
#include "cfwarden/sweep/child_process.h"
#include "cfwarden/sweep/first_by_path.h"
#include "cfwarden/sweep/gap_list.h"
#include "cfwarden/sweep/sweeper_process.h"
#include "cfwarden/sweep/sweeper_words.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cfwarden {

// What it told, all of it sorted by path.
struct SweeperHeard {
  std::vector<std::string> names;
  std::vector<SkippedMount> skipped;
  bool has_all_names = false;  // That it came by, and it came to its end.
  bool has_landlock = false;
  bool stopped = false;
};

class SweeperWatch {
 public:
  // So many names, and mounts, are kept; beyond these is a gap. A user who makes more of them than
  // any machine has shall not take all memory.
  static constexpr KeptBound most_names{.number = 250'000, .bytes = std::size_t{64} << 20};
  static constexpr KeptBound most_mounts{.number = 4096, .bytes = std::size_t{4} << 20};

  // Forks: before there are threads. `order` without report and board; what cannot be looked at
  // goes to `gaps`, which outlives this.
  static Result<SweeperWatch> start(SweeperOrder order, GapList& gaps);

  int descriptor() const { return parts_.report.get(); }  // To be polled.
  // Takes all that it has said so far, without waiting.
  void listen();
  // What it has handed over since this was asked last.
  std::vector<ToldHandOver> take_handed_over() { return std::exchange(handed_over_, {}); }
  bool is_over() const { return is_over_; }  // It says nothing more.

  SweepBoard& board() const { return *parts_.board; }
  int pid() const { return parts_.child.pid(); }
  // At once. `why`: "came no further". One that cannot die is over soon, too.
  void kill(std::string why);

  // Once it is over.
  SweeperHeard finish();

 private:
  struct Parts {
    SharedBoard board;
    ChildProcess child;
    Descriptor report;
    std::vector<std::string> paths;
  };
  SweeperWatch(Parts parts, GapList& gaps) : parts_{std::move(parts)}, gaps_{gaps} {}

  bool take(std::string_view bytes);
  void take(SweeperWord&& word);
  void tell_cut_off(const std::string& why);

  Parts parts_;
  GapList& gaps_;
  SweeperEar ear_;
  bool is_over_ = false;
  std::optional<std::chrono::steady_clock::time_point> killed_;
  FirstByPath<std::monostate> names_{most_names};
  FirstByPath<SkippedMount> mounts_{most_mounts};
  std::vector<ToldHandOver> handed_over_;
  bool has_landlock_ = false;
  std::optional<ToldEnd> end_;
  std::string failure_;  // Why nothing was looked at, or it was not to go on.
};

}  // namespace cfwarden
