#include "cfwarden/mend/read_journals.h"

#include "cfwarden/mend/journal_line.h"
#include "records.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

using Lines = std::vector<JournalLine>;

std::string journal_of(const Lines& lines) {
  std::string bytes;
  for (const JournalLine& line : lines) bytes += text_of_line(line);
  return bytes;
}

JournalLine fate(std::size_t number, Fate fate) {
  return {FateChange{.number = number, .fate = fate, .changed_nanoseconds = 9, .why = "because"}};
}

ReadJournal parsed(const Lines& lines) {
  const Result<ReadJournal> journal = parse_journal("invented", journal_of(lines));
  REQUIRE_MESSAGE(journal, journal.error().what);
  return *journal;
}

std::string what_is_wrong(std::string_view bytes) {
  const Result<ReadJournal> journal = parse_journal("invented", bytes);
  return journal ? "nothing" : journal.error().what;
}

std::string what_is_wrong(const Lines& lines) {
  return what_is_wrong(journal_of(lines));
}

// One run with everything in it, as undo left it.
Lines full_run() {
  return {{some_run()},
          {some_intent(1, "/home/a/forged\n\x1b[2J\xff")},
          fate(1, Fate::done),
          {extreme_intent(2, "/etc/cloudflared")},
          fate(2, Fate::failed),
          {some_move(3)},
          {MovedToken{some_moved(3)}},
          {some_intent(4)},
          fate(4, Fate::done),
          {RunEnd{}},
          fate(4, Fate::being_undone),
          fate(4, Fate::undone),
          fate(3, Fate::left),
          {RunEnd{}}};
}

std::vector<Fate> fates_of(const ReadJournal& journal) {
  std::vector<Fate> fates;
  for (const Recorded& recorded : journal.records) fates.push_back(recorded.fate);
  return fates;
}

InodeIdentity identity(std::uint64_t inode) {
  return {.id = {.device = 65024, .inode = inode}, .born_nanoseconds = 1, .generation = {}};
}

Intent intent_on(std::uint64_t inode, unsigned first_mode, std::size_t number = 1) {
  Intent intent = some_intent(number);
  intent.identity = identity(inode);
  intent.first.permissions.mode = first_mode;
  return intent;
}

// By a run that was killed before it could say that it was done.
Attributes left_behind() {
  return some_intent(1).after;
}

}  // namespace

TEST_CASE("a journal tells its run, its changes by number, and what became of each") {
  const ReadJournal journal = parsed(full_run());
  CHECK(journal.name == "invented");
  CHECK(journal.run.user == "root");
  CHECK(journal.run.started == 1795337005);
  CHECK(journal.has_end);
  CHECK_FALSE(journal.is_torn);
  CHECK(fates_of(journal) == std::vector<Fate>{Fate::done, Fate::failed, Fate::left, Fate::undone});
  CHECK(journal.records[0].changed_nanoseconds == 9);
  CHECK(std::get<Intent>(journal.records[0].what).path == "/home/a/forged\n\x1b[2J\xff");
  CHECK(std::get<TokenMove>(journal.records[2].what).token_after->path ==
        "/etc/cloudflared/\x80token");
}

TEST_CASE("no flipped bit of a journal is believed") {
  const Lines all = full_run();
  const std::size_t few = 5;  // Of these every bit is flipped, of all one in each byte.
  for (const Lines& lines : {Lines{all.begin(), all.begin() + few}, all}) {
    const std::string sound = journal_of(lines);
    const std::size_t changes = parsed(lines).records.size();
    for (std::size_t flip = 0; flip < sound.size() * 8; flip += lines.size() == few ? 1U : 9U) {
      const std::size_t at = flip / 8;
      std::string flipped = sound;
      flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ 1U << flip % 8);
      const Result<ReadJournal> journal = parse_journal("invented", flipped);
      if (at + 1 < sound.size()) {
        if (journal) FAIL_CHECK("bit " << flip % 8 << " of byte " << at);
        continue;
      }
      // Without its newline the last line counts as torn.
      REQUIRE(journal);
      CHECK(journal->is_torn);
      CHECK(journal->records.size() == changes);
    }
  }
}

TEST_CASE("a journal that was cut short anywhere tells what its whole lines say") {
  const std::string sound = journal_of(full_run());
  Lines whole_lines;
  ReadJournal whole;
  std::size_t whole_size = 0;
  for (const JournalLine& next : full_run()) {
    const std::size_t next_size = whole_size + text_of_line(next).size();
    for (std::size_t size = whole_size; size < next_size; ++size) {
      const Result<ReadJournal> cut = parse_journal("invented", sound.substr(0, size));
      if (!cut || cut->is_torn != (size > whole_size) || fates_of(*cut) != fates_of(whole) ||
          cut->has_end != whole.has_end) {
        FAIL_CHECK(size << " bytes");
      }
    }
    whole_lines.push_back(next);
    whole = parsed(whole_lines);
    whole_size = next_size;
  }
  CHECK(whole_size == sound.size());
}

TEST_CASE("a crash while the first line was written leaves a run that changed nothing") {
  const std::string run = text_of_line({some_run()});
  for (const std::string& bytes :
       {std::string{}, std::string{"{"}, run.substr(0, run.size() - 1), std::string(4096, '\0')}) {
    const Result<ReadJournal> journal = parse_journal("invented", bytes);
    REQUIRE(journal);
    CHECK(journal->is_torn == !bytes.empty());
    CHECK(journal->records.empty());
    CHECK_FALSE(journal->has_end);
    CHECK(journal->is_undone());
    CHECK_FALSE(journal->is_interrupted());
  }
}

TEST_CASE("only the last line may be damaged, and only where it has no newline") {
  const std::string run = text_of_line({some_run()});
  const std::string intent = text_of_line({some_intent(1)});
  const std::string canary = "INVENTED-CANARY";
  const std::string crc = "invented.jsonl: line 2 is damaged: its checksum is wrong";
  CHECK(what_is_wrong(run + canary + "\n" + intent) == crc);
  CHECK(what_is_wrong(run + canary + "\n") == crc);
  CHECK(what_is_wrong(run + "\n") == crc);
  CHECK(what_is_wrong(run + std::string(4096, '\0') + "\n") == crc);
  CHECK(what_is_wrong(run + intent.substr(0, 20) + "\n" + intent) == crc);
  CHECK(what_is_wrong(run + intent.substr(0, 20) + intent) == crc);
  CHECK(what_is_wrong(run + intent + canary) == "nothing");
}

TEST_CASE("a journal begins with its run, and holds one") {
  CHECK(what_is_wrong(Lines{{some_intent(1)}}) ==
        "invented.jsonl: line 1 is damaged: a journal begins with its run");
  CHECK(what_is_wrong(Lines{{RunEnd{}}}) ==
        "invented.jsonl: line 1 is damaged: a journal begins with its run");
  CHECK(what_is_wrong(Lines{{some_run()}, {some_run()}}) ==
        "invented.jsonl: line 2 is damaged: it begins a second run");
}

TEST_CASE("a record out of order is refused, with its line") {
  struct Case {
    Lines lines;
    std::string why;
  };
  const JournalLine run{some_run()};
  TokenMove other_move = some_moved(1);
  other_move.token_path = "/etc/elsewhere";
  for (const Case& row : {
           Case{{run, {some_intent(2)}}, "line 2 is damaged: its number is out of order"},
           Case{{run, {some_intent(0)}}, "line 2 is damaged: its number is out of order"},
           Case{{run, {some_intent(1)}, {some_intent(1)}},
                "line 3 is damaged: its number is out of order"},
           Case{{run, {some_intent(1)}, {some_move(3)}},
                "line 3 is damaged: its number is out of order"},
           Case{{run, {RunEnd{}}, {some_intent(1)}},
                "line 3 is damaged: it begins a change after the run's end"},
           Case{{run, fate(1, Fate::done)},
                "line 2 is damaged: there is no change with its number"},
           Case{{run, {some_intent(1)}, fate(0, Fate::failed)},
                "line 3 is damaged: there is no change with its number"},
           Case{{run, {some_intent(1)}, fate(1, Fate::done), fate(1, Fate::done)},
                "line 4 is damaged: what became of it is known already"},
           Case{{run, {some_intent(1)}, fate(1, Fate::failed), fate(1, Fate::done)},
                "line 4 is damaged: what became of it is known already"},
           Case{{run, {some_intent(1)}, fate(1, Fate::undone), fate(1, Fate::being_undone)},
                "line 4 is damaged: what became of it is known already"},
           Case{{run, {some_move(1)}, fate(1, Fate::done)},
                "line 3 is damaged: a move is not done but moved"},
           Case{{run, {some_intent(1)}, {MovedToken{some_moved(1)}}},
                "line 3 is damaged: there is no move with its number"},
           Case{{run, {some_move(1)}, {MovedToken{other_move}}},
                "line 3 is damaged: the move with its number was another one"},
           Case{{run, {some_move(1)}, {MovedToken{some_moved(1)}}, {MovedToken{some_moved(1)}}},
                "line 4 is damaged: what became of it is known already"},
       }) {
    CAPTURE(row.why);
    CHECK(what_is_wrong(row.lines) == "invented.jsonl: " + row.why);
  }
}

TEST_CASE("undo may try again what it left or began, until it is undone") {
  const ReadJournal journal = parsed({{some_run()},
                                      {some_intent(1)},
                                      fate(1, Fate::done),
                                      {RunEnd{}},
                                      fate(1, Fate::left),
                                      fate(1, Fate::being_undone),
                                      fate(1, Fate::being_undone),
                                      fate(1, Fate::failed),
                                      fate(1, Fate::being_undone),
                                      fate(1, Fate::undone)});
  CHECK(journal.records[0].fate == Fate::undone);
}

TEST_CASE("a run is interrupted without its end, or where a change's fate is not known") {
  struct Case {
    Lines lines;
    bool is_interrupted;
    bool is_undone;
  };
  const JournalLine run{some_run()};
  const JournalLine intent{some_intent(1)};
  const JournalLine end{RunEnd{}};
  for (const Case& row : {
           Case{{run}, false, true},
           Case{{run, end}, false, true},
           Case{{run, intent}, true, false},
           Case{{run, intent, end}, true, false},
           Case{{run, intent, fate(1, Fate::done)}, true, false},
           Case{{run, intent, fate(1, Fate::done), end}, false, false},
           Case{{run, intent, fate(1, Fate::failed), end}, false, false},
           Case{{run, intent, fate(1, Fate::done), end, fate(1, Fate::being_undone)}, true, false},
           Case{{run, intent, fate(1, Fate::done), end, fate(1, Fate::undone)}, false, true},
           Case{{run, intent, fate(1, Fate::done), end, fate(1, Fate::left)}, false, true},
           Case{{run, intent, fate(1, Fate::undone), end}, false, true},
           Case{{run, {some_move(1)}, end}, true, false},
           Case{{run, {some_move(1)}, {MovedToken{some_moved(1)}}, end}, false, false},
       }) {
    const ReadJournal journal = parsed(row.lines);
    CAPTURE(journal_of(row.lines));
    CHECK(journal.is_interrupted() == row.is_interrupted);
    CHECK(journal.is_undone() == row.is_undone);
  }
}

TEST_CASE("the state of first touch is known of what an interrupted run had begun to change") {
  for (const Fate begun : {Fate::failed, Fate::being_undone, Fate::left}) {
    const std::vector<ReadJournal> journals{
        parsed({{some_run()}, {intent_on(7, 0640)}, fate(1, begun)})};
    const Attributes* first = first_touch(journals, identity(7), left_behind());
    REQUIRE(first != nullptr);
    CHECK(first->permissions.mode == 0640);
    CHECK(first_touch(journals, identity(8), left_behind()) == nullptr);
  }
  const std::vector<ReadJournal> journals{parsed({{some_run()}, {intent_on(7, 0644)}})};
  REQUIRE(first_touch(journals, identity(7), left_behind()) != nullptr);
  CHECK(first_touch(journals, identity(7), left_behind())->permissions.mode == 0644);
  InodeIdentity reused = identity(7);
  reused.born_nanoseconds = 2;
  CHECK(first_touch(journals, reused, left_behind()) == nullptr);
}

TEST_CASE("nothing is remembered of an inode that somebody else changed since the run was killed") {
  const std::vector<ReadJournal> journals{parsed({{some_run()}, {intent_on(7, 0644)}})};
  Attributes chosen = left_behind();
  chosen.permissions.mode = 0604;
  CHECK(first_touch(journals, identity(7), chosen) == nullptr);
  chosen = left_behind();
  chosen.permissions.uid = 4711;
  CHECK(first_touch(journals, identity(7), chosen) == nullptr);
}

TEST_CASE("nothing is remembered of an inode whose change came to an end or was taken back") {
  for (const Fate end : {Fate::done, Fate::undone}) {
    const std::vector<ReadJournal> journals{
        parsed({{some_run()}, {intent_on(7, 0644)}, fate(1, end)})};
    CHECK(first_touch(journals, identity(7), left_behind()) == nullptr);
  }
  const std::vector<ReadJournal> ended{
      parsed({{some_run()}, {intent_on(7, 0644)}, fate(1, Fate::failed), {RunEnd{}}})};
  CHECK(first_touch(ended, identity(7), left_behind()) == nullptr);
}

TEST_CASE("of several runs that touched an inode the newest one decides") {
  const ReadJournal interrupted = parsed({{some_run()}, {intent_on(7, 0644)}});
  const ReadJournal interrupted_again = parsed({{some_run()}, {intent_on(7, 0664)}});
  const ReadJournal completed =
      parsed({{some_run()}, {intent_on(7, 0644)}, fate(1, Fate::done), {RunEnd{}}});
  const ReadJournal refused =
      parsed({{some_run()}, {intent_on(7, 0600)}, fate(1, Fate::failed), {RunEnd{}}});
  const ReadJournal elsewhere = parsed({{some_run()}, {intent_on(8, 0600)}});

  const std::vector<ReadJournal> twice{interrupted, interrupted_again, elsewhere};
  REQUIRE(first_touch(twice, identity(7), left_behind()) != nullptr);
  CHECK(first_touch(twice, identity(7), left_behind())->permissions.mode == 0664);
  // Whoever opens it again after it was completed has made a new state.
  CHECK(first_touch({interrupted, completed}, identity(7), left_behind()) == nullptr);
  const std::vector<ReadJournal> refused_after{interrupted, refused};
  REQUIRE(first_touch(refused_after, identity(7), left_behind()) != nullptr);
  CHECK(first_touch(refused_after, identity(7), left_behind())->permissions.mode == 0644);
}
