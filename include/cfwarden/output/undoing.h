// A run of fix on its way back: the screen of `cfwarden undo`, and JSON objects as
// packaging/schema/cfwarden.undo-1.schema.json and cfwarden.runs-1.schema.json describe them.
//
// The screen asks no question: whoever shows a plan asks below it.
#pragma once

#include "cfwarden/model/undoing.h"
#include "cfwarden/output/format.h"

#include <iosfwd>

namespace cfwarden {

// What comes back, or came back where it is applied.
void write_undoing(const Undoing& undoing, const Terminal& terminal, std::ostream& out);
void write_undoing_json(const Undoing& undoing, std::ostream& out);

// In the order given. The screen has only the runs: of what is unsound is complained elsewhere.
void write_recorded_runs(const RecordedRuns& recorded, const Terminal& terminal, std::ostream& out);
void write_recorded_runs_json(const RecordedRuns& recorded, std::ostream& out);

}  // namespace cfwarden
