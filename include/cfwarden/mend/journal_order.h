// Which record may follow which, and what each one changes. Pure.
//
// Journal asks before it writes and parse_journal() when it reads: what is written can be read.
#pragma once

#include "cfwarden/mend/journal_line.h"
#include "cfwarden/mend/read_journals.h"

#include <string_view>

namespace cfwarden {

// Why `line` may not follow what was read so far, as a clause; "" where it may. The first line of a
// journal, its run, is none of these.
std::string_view misplaced(const ReadJournal& so_far, const JournalLine& line);

// Expects that it is not misplaced.
void add_to(ReadJournal& journal, JournalLine line);

}  // namespace cfwarden
