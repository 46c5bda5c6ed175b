#include "cfwarden/sweep/sweep_board.h"

#include "cfwarden/host/system_error.h"

#include <cerrno>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace cfwarden {

Result<SharedBoard> SharedBoard::make() {
  void* const pages =
      mmap(nullptr, sizeof(SweepBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return system_error("mmap", errno);
  return SharedBoard{new (pages) SweepBoard};
}

SharedBoard::SharedBoard(SharedBoard&& other) noexcept
    : board_{std::exchange(other.board_, nullptr)} {}

Result<Done> SharedBoard::keep_from_later_children() const {
  if (madvise(board_, sizeof(SweepBoard), MADV_DONTFORK) != 0)
    return system_error("madvise", errno);
  return Done{};
}

SharedBoard::~SharedBoard() {
  if (board_ != nullptr)
    (void)munmap(board_, sizeof(SweepBoard));  // It cannot fail for mmap's own.
}

}  // namespace cfwarden
