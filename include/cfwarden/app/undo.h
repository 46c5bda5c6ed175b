// Takes back what a run of fix did, newest change first.
//
// Promises  what is not as the journal says stays as it is, and says so. A plan changes nothing;
//           taking back is recorded in the journal of the run.
#pragma once

#include "cfwarden/app/restoration.h"
#include "cfwarden/base/result.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/state_directory.h"
#include "cfwarden/model/undoing.h"

#include <string>
#include <vector>

namespace cfwarden {

std::vector<RecordedRun> recorded_runs(const std::vector<ReadJournal>& journals);

// The run of that name. Where it is "", the newest that can be taken back; one whose DIR of --root
// is gone cannot. nullptr: there is none.
const ReadJournal* run_to_undo(const std::vector<ReadJournal>& journals, const std::string& name);

// Confines this process, as an audit does. An Error: its root is gone, or is another one.
Result<UndoHost> host_of(const ReadJournal& journal);

Undoing plan_undo(const ReadJournal& journal, const UndoHost& host);

// Records what plan_undo() found to be as it was before or left alone, so that the run is no longer
// the next to be taken back. An Error: it cannot be recorded.
Result<Done> settle_undo(const ReadJournal& journal, const UndoHost& host,
                         const StateDirectory& state);

// What plan_undo() says, looked at afresh. An Error: nothing was changed.
Result<Undoing> carry_out_undo(const ReadJournal& journal, const UndoHost& host,
                               const StateDirectory& state);

}  // namespace cfwarden
