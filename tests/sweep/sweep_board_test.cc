#include "cfwarden/sweep/sweep_board.h"

#include <doctest/doctest.h>

#include <cerrno>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cfwarden {
namespace {

bool is_mapped(const SharedBoard& board) {
  unsigned char pages = 0;
  return mincore(&*board, sizeof(SweepBoard), &pages) == 0 || errno != ENOMEM;
}

// Whether a child that is forked now has the board.
bool child_has(const SharedBoard& board) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(is_mapped(board) ? 1 : 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status) == 1;
}

TEST_CASE("a board is its maker's and that of the child that is forked first, and no other's") {
  const auto board = SharedBoard::make();
  REQUIRE(board);
  CHECK(child_has(*board));
  REQUIRE(board->keep_from_later_children());
  CHECK_FALSE(child_has(*board));
  CHECK(is_mapped(*board));
  (*board)->stop = true;
  CHECK((*board)->stop);
}

}  // namespace
}  // namespace cfwarden
