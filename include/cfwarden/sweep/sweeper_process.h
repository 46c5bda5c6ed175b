// The inside of the sweeper: the one process that may read every file, and understands none. It
// tells names, or looks for what announces a credential and hands such files over, open, to those
// who may parse them.
//
// Promises  behind the walls of sweep/reader_walls.h before anything is opened. All that it has to
//           say goes to `report` in the words of sweep/sweeper_words.h, ToldEnd last.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/search/multi_search.h"
#include "cfwarden/sweep/hand_over.h"
#include "cfwarden/sweep/sweep.h"
#include "cfwarden/sweep/sweep_board.h"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace cfwarden {

struct SweeperOrder {
  SweepOptions options;  // `overlap` is the search's.
  // What announces a credential; nullptr: names only, no file is opened.
  const MultiSearch* search = nullptr;
  // Names only, of files with these inode numbers, sorted, instead of those of credentials.
  std::vector<std::uint64_t> inodes;
  std::function<bool(std::string_view path)> excluded;  // Pure. May be empty.
  // Gives an open file to whoever parses it. Called by several threads; may wait. The supervisor
  // has been told of it: whether anybody answers for it is its business.
  std::function<Result<Done>(int queue, int descriptor, const HandOver& file)> hand_over;
  int report = -1;  // Kept open, as the next one; everything else is closed.
  int queue = -1;
  SweepBoard* board = nullptr;
};

// In a child without threads; `parent`: its pid before the fork. False: nobody listened.
bool run_sweeper(const SweeperOrder& order, int parent);

}  // namespace cfwarden
