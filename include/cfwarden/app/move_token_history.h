// What the journals say of earlier moves on one root.
#pragma once

#include "cfwarden/mend/read_journals.h"

#include <string>
#include <vector>

namespace cfwarden {

// The newest of one unit; views into the journals, null where there is none.
struct LastMove {
  const ReadJournal* journal = nullptr;
  const Recorded* recorded = nullptr;
  const TokenMove* move = nullptr;
};
LastMove last_move_of(const std::vector<ReadJournal>& journals, FileId root_id,
                      const std::string& unit_path);

// Those of any unit that may have left something, oldest first.
std::vector<TokenMove> unfinished_moves(const std::vector<ReadJournal>& journals, FileId root_id);

}  // namespace cfwarden
