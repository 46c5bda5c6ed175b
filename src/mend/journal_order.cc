#include "cfwarden/mend/journal_order.h"

#include <utility>

namespace cfwarden {
namespace {

const Recorded* with_number(const ReadJournal& journal, std::size_t number) {
  const bool is_known = number >= 1 && number <= journal.records.size();
  return is_known ? &journal.records[number - 1] : nullptr;
}

std::string_view misplaced_new(const ReadJournal& so_far, std::size_t number) {
  if (so_far.has_end) return "it begins a change after the run's end";
  return number == so_far.records.size() + 1 ? "" : "its number is out of order";
}

// What fix says of a change comes once, before undo touches it; what undo says may come again, for
// as long as it is not undone.
bool may_follow(Fate now, Fate next) {
  switch (next) {
    case Fate::done:
      return now == Fate::intended;
    case Fate::failed:
      return now == Fate::intended || now == Fate::being_undone;
    case Fate::being_undone:
    case Fate::undone:
    case Fate::left:
      return now != Fate::undone;
    case Fate::intended:
      break;
  }
  return false;
}

std::string_view misplaced(const ReadJournal&, const JournalRun&) {
  return "it begins a second run";
}

std::string_view misplaced(const ReadJournal& so_far, const Intent& intent) {
  return misplaced_new(so_far, intent.number);
}

std::string_view misplaced(const ReadJournal& so_far, const TokenMove& move) {
  return misplaced_new(so_far, move.number);
}

std::string_view misplaced(const ReadJournal& so_far, const MovedToken& moved) {
  const Recorded* recorded = with_number(so_far, moved.move.number);
  const auto* begun = recorded != nullptr ? std::get_if<TokenMove>(&recorded->what) : nullptr;
  if (begun == nullptr) return "there is no move with its number";
  const bool is_same =
      begun->unit_path == moved.move.unit_path && begun->token_path == moved.move.token_path;
  if (!is_same) return "the move with its number was another one";
  return may_follow(recorded->fate, Fate::done) ? "" : "what became of it is known already";
}

std::string_view misplaced(const ReadJournal& so_far, const FateChange& change) {
  const Recorded* recorded = with_number(so_far, change.number);
  if (recorded == nullptr) return "there is no change with its number";
  if (change.fate == Fate::done && !std::holds_alternative<Intent>(recorded->what)) {
    return "a move is not done but moved";
  }
  return may_follow(recorded->fate, change.fate) ? "" : "what became of it is known already";
}

// Undo, which appends to a run that came to its end, comes to its own.
std::string_view misplaced(const ReadJournal&, const RunEnd&) {
  return "";
}

void add(ReadJournal& journal, JournalRun run) {
  journal.run = std::move(run);
}

void add(ReadJournal& journal, Intent intent) {
  journal.records.push_back({.what = std::move(intent)});
}

void add(ReadJournal& journal, TokenMove move) {
  journal.records.push_back({.what = std::move(move)});
}

void add(ReadJournal& journal, MovedToken moved) {
  Recorded& recorded = journal.records[moved.move.number - 1];
  recorded.what = std::move(moved.move);
  recorded.fate = Fate::done;
}

void add(ReadJournal& journal, const FateChange& change) {
  Recorded& recorded = journal.records[change.number - 1];
  recorded.fate = change.fate;
  if (change.fate == Fate::done) recorded.changed_nanoseconds = change.changed_nanoseconds;
}

void add(ReadJournal& journal, RunEnd) {
  journal.has_end = true;
}

}  // namespace

std::string_view misplaced(const ReadJournal& so_far, const JournalLine& line) {
  return std::visit([&](const auto& record) { return misplaced(so_far, record); }, line.record);
}

void add_to(ReadJournal& journal, JournalLine line) {
  std::visit([&](auto& record) { add(journal, std::move(record)); }, line.record);
}

}  // namespace cfwarden
