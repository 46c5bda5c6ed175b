// The journals of earlier runs, verified as they are read.
//
// Promises  only what Journal can have written is taken: each line with its checksum, each record
//           in its place. Only the last line may be torn, and then has no newline.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/mend/journal_record.h"
#include "cfwarden/mend/state_directory.h"

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ReadJournal {
  std::string name;  // Without .jsonl.
  JournalRun run;
  std::vector<Recorded> records;  // By number.
  bool has_end = false;
  bool is_torn = false;         // Its last line was cut short and was ignored.
  bool is_undone() const;       // Nothing is left that undo could take back, or all was left alone.
  bool is_interrupted() const;  // No end, or something begun whose fate is not known.
};

// A journal that is damaged, linked, foreign (another owner than root or the caller), or open to
// others: until it is settled neither fix nor undo goes on.
struct UnsoundJournal {
  std::string path;
  Error error;                 // Begins with the path.
  bool is_only_loose = false;  // Nothing but its mode is at fault.
};
struct FoundJournals {
  std::vector<ReadJournal> sound;  // Oldest first, as the others.
  std::vector<UnsoundJournal> unsound;
};
// An Error: they could not even be listed.
Result<FoundJournals> find_journals(const StateDirectory& state);

// Every journal, oldest first. An Error names the first that is unsound.
Result<std::vector<ReadJournal>> read_journals(const StateDirectory& state);

// The bytes of one; pure. An Error says what is wrong and at which line, never what stands there.
Result<ReadJournal> parse_journal(std::string_view name, std::string_view bytes);

// The state of first touch of an inode that an interrupted run, not yet undone, had begun to
// change; nullptr where a later run came to an end with it, or somebody else changed it since:
// `now` is then no state in which that run can have left it.
const Attributes* first_touch(const std::vector<ReadJournal>& journals,
                              const InodeIdentity& identity, const Attributes& now);

}  // namespace cfwarden
