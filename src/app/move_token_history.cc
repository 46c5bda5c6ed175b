#include "cfwarden/app/move_token_history.h"

#include "cfwarden/mend/token_return.h"

namespace cfwarden {

LastMove last_move_of(const std::vector<ReadJournal>& journals, FileId root_id,
                      const std::string& unit_path) {
  LastMove last;
  for (const ReadJournal& journal : journals) {
    if (journal.run.root_id != root_id) continue;
    for (const Recorded& recorded : journal.records) {
      const auto* move = std::get_if<TokenMove>(&recorded.what);
      const bool is_this = move != nullptr && move->unit_path == unit_path;
      if (is_this) last = {.journal = &journal, .recorded = &recorded, .move = move};
    }
  }
  return last;
}

std::vector<TokenMove> unfinished_moves(const std::vector<ReadJournal>& journals, FileId root_id) {
  std::vector<TokenMove> moves;
  for (const ReadJournal& journal : journals) {
    if (journal.run.root_id != root_id) continue;
    for (const Recorded& recorded : journal.records) {
      if (is_unfinished(recorded)) moves.push_back(std::get<TokenMove>(recorded.what));
    }
  }
  return moves;
}

}  // namespace cfwarden
