// What the supervisor and the sweeper look at together while the sweep goes on: how far it is, and
// whether it is to stop. Memory that both have, and nobody else: made before the sweeper is forked,
// and kept from all who are forked afterwards.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/sweep/sweep.h"

#include <atomic>
#include <cstdint>

namespace cfwarden {

struct SweepBoard {
  SweepProgress progress;
  std::atomic<std::uint32_t> handing_over{0};  // Threads that wait for a decoder.
  std::atomic<bool> stop{false};               // The supervisor's word.
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

class SharedBoard {
 public:
  static Result<SharedBoard> make();
  SharedBoard(SharedBoard&& other) noexcept;
  SharedBoard& operator=(SharedBoard&&) = delete;
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;
  ~SharedBoard();

  // A decoder that was taken over could stop the sweep, or feign its progress.
  Result<Done> keep_from_later_children() const;

  SweepBoard& operator*() const { return *board_; }
  SweepBoard* operator->() const { return board_; }

 private:
  explicit SharedBoard(SweepBoard* board) : board_{board} {}

  SweepBoard* board_;
};

}  // namespace cfwarden
