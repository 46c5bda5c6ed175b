// A report as a table: what plain and csv are written from. A column or record is only ever added
// at the end; none is renamed.
//
// Promises  a row for each finding, credential, gap and (of a sweep of names) name, in the report's
//           order, and one more, "end": an empty table is never a clean host. Cells are
//           printable() and tell no secret; "" is unknown, or not for this record.
#pragma once

#include "cfwarden/model/report.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class Column {
  record,
  host,
  severity,
  rule,
  path,
  line,
  kind,
  status,
  authority,
  readers,
  writers,
  fingerprint,
  account,
  tunnel,
  message,
  expected,
  actual,
  excepted_until,
  excepted_by,
  excepted_because,
  baseline
};

// In the order of Column.
inline constexpr auto row_columns = std::to_array<std::string_view>(
    {"record",   "host",        "severity",       "rule",        "path",
     "line",     "kind",        "status",         "authority",   "readers",
     "writers",  "fingerprint", "account",        "tunnel",      "message",
     "expected", "actual",      "excepted_until", "excepted_by", "excepted_because",
     "baseline"});
static_assert(row_columns.size() == static_cast<std::size_t>(Column::baseline) + 1);

using Row = std::array<std::string, row_columns.size()>;

std::vector<Row> rows_of(const Report& report);

// printable(concealed()) in UTF-8, whatever the locale: formats for programs do not differ by it.
std::string told(std::string_view bytes);

}  // namespace cfwarden
