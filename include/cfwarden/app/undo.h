// Takes back what a run of fix did, newest change first.
//
// Promises  the same walk and refusals as fix. What is not as the journal says stays as it is, and
//           says so. A plan changes nothing; taking back is recorded in the journal of the run.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/state_directory.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/undoing.h"

#include <string>
#include <vector>

namespace cfwarden {

std::vector<RecordedRun> recorded_runs(const std::vector<ReadJournal>& journals);

// The run of that name, or the newest that can be taken back where it is "". nullptr: there is
// none.
const ReadJournal* run_to_undo(const std::vector<ReadJournal>& journals, const std::string& name);

// The host that the run worked on, with its accounts as they are now.
struct UndoHost {
  std::string root;  // As of AuditRequest.
  Accounts accounts;
};
// Confines this process, as an audit does. An Error: its root is gone or is another one.
Result<UndoHost> host_of(const ReadJournal& journal);

Undoing plan_undo(const ReadJournal& journal, const UndoHost& host);

// What plan_undo() says, looked at afresh. An Error: nothing was changed.
Result<Undoing> carry_out_undo(const ReadJournal& journal, const UndoHost& host,
                               const StateDirectory& state);

}  // namespace cfwarden
