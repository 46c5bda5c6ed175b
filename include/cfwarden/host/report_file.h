// Writes a report to a file: a temporary name in the same directory, O_EXCL|O_NOFOLLOW, fsync,
// rename; never through a symlink. Appears whole or not at all, with mode 0600, or with 0644 where
// it holds nothing that is not for everyone: another account's collector reads it.
#pragma once

#include "cfwarden/base/result.h"

#include <string>
#include <string_view>

namespace cfwarden {

// What would keep a report from being written there, as far as that can be told before.
Result<Done> can_write_report_file(const std::string& path);

enum class ReportReaders { owner, everyone };
enum class IfThere { replaced, refused };  // Refused: an Error with EEXIST.
Result<Done> write_report_file(const std::string& path, std::string_view bytes,
                               ReportReaders readers = ReportReaders::owner,
                               IfThere if_there = IfThere::replaced);

}  // namespace cfwarden
