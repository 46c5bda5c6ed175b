// What earlier runs recorded, opened once by whatever mends or takes back.
//
// Promises  every journal is verified before anything else is done. An Error says what is in the
//           way, what that means and what to do about it; its code is ENOTRECOVERABLE: neither fix
//           nor undo may go on.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/mend/read_journals.h"
#include "cfwarden/mend/state_directory.h"

#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

struct RunRecords {
  std::optional<StateDirectory> state;  // No value: there is none yet, and nothing is recorded.
  std::vector<ReadJournal> journals;    // Oldest first.
};

// To change something the state directory is made if it is missing, and locked.
enum class RecordsFor { looking, changing };
Result<RunRecords> open_records(RecordsFor purpose);

// Whether there is a state directory: nothing is made, and no journal is read.
Result<bool> has_records();

// Those that are sound, and those for which open_records() would fail.
Result<FoundJournals> list_records();

// What open_records() says of it.
Error complaint_about(const UnsoundJournal& journal);

// The caller's account on this host, whichever root is audited.
std::string caller_name();

}  // namespace cfwarden
