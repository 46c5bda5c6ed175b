// What fix did, on disk before it does it: one file a run, one line a record (journal_line.h).
//
// Expects   the state directory's lock for as long as this lives.
// Promises  <state>/journal/<utc>-<pid>.jsonl is made with the first record, with
//           O_CREAT|O_EXCL|O_NOFOLLOW and 0600: a run that changes nothing leaves none. Every
//           record is on disk (fdatasync; the first one also fsyncs the directory) before the call
//           returns. Undo appends to the file of the run it takes back.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/mend/journal_record.h"
#include "cfwarden/mend/read_journals.h"
#include "cfwarden/mend/state_directory.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cfwarden {

struct JournalLine;  // Known to journal_line.h.

class Journal {
 public:
  // Nothing is on disk until the first record.
  Journal(const StateDirectory& state, JournalRun run);
  // To append what undo does.
  static Result<Journal> open(const StateDirectory& state, const ReadJournal& journal);

  // ENOSPC and all other failures: the record is not on disk, and nothing may be changed. Numbers
  // count up from 1; `done` is for an intent, `moved` for a move.
  Result<Done> intend(const Intent& intent);
  Result<Done> intend(const TokenMove& move);
  Result<Done> done(std::size_t number, std::int64_t changed_nanoseconds);
  Result<Done> moved(const TokenMove& move);
  Result<Done> failed(std::size_t number, std::string_view why);
  Result<Done> undoing(std::size_t number);
  Result<Done> undone(std::size_t number);
  Result<Done> left(std::size_t number, std::string_view why);
  Result<Done> end();

  const std::string& name() const { return so_far_.name; }  // "" until the first record.

 private:
  Journal(const StateDirectory& state, ReadJournal so_far, Descriptor file);
  Result<Done> append(JournalLine line);
  Result<Done> begin(const std::string& first_record);
  Result<Done> make_file();
  Result<Done> write_durably(const std::string& line);
  std::string path() const;

  const StateDirectory* state_ = nullptr;
  ReadJournal so_far_;  // What the file holds.
  Descriptor file_;
  std::size_t bytes_ = 0;    // Of this process's records.
  bool is_unsound_ = false;  // What its end is like is not known: nothing more is written.
};

}  // namespace cfwarden
