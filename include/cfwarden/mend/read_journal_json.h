// The record that JSON of journal_json.h says. Pure.
//
// Promises  whatever has an `op` that is known is taken: what is missing, too large or of another
//           type becomes an empty value, so that the caller finds it by writing the record again.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/mend/journal_line.h"

#include <string_view>

namespace cfwarden {

Result<JournalLine> record_in(std::string_view json);

}  // namespace cfwarden
