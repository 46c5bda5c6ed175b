// One line of a journal, {"op":...,"crc":"xxxxxxxx"}: a record as JSON with the CRC-32 (IEEE) of
// all that stands before `,"crc":`, and back. Pure.
//
// Promises  line_of() gives one line of ASCII with its newline, which parse_line() takes; what no
//           journal may hold is an Error and not written. parse_line() takes nothing but what
//           line_of() would write, byte for byte; its errors are clauses that quote nothing.
//           Of a text (a user, a reason) that is not UTF-8 the wrong bytes are lost; of a path
//           none.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/mend/journal_record.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace cfwarden {

// done, fail, undoing, undone, left.
struct FateChange {
  std::size_t number = 0;
  Fate fate = Fate::done;                // Not intended.
  std::int64_t changed_nanoseconds = 0;  // Of done.
  std::string why;                       // Of failed and left.
};

struct MovedToken {
  TokenMove move;
};

struct RunEnd {};

struct JournalLine {
  std::variant<JournalRun, Intent, TokenMove, MovedToken, FateChange, RunEnd> record;
};

Result<std::string> line_of(const JournalLine& line);

// Without its newline.
Result<JournalLine> parse_line(std::string_view text);

}  // namespace cfwarden
