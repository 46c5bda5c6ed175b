// Writes a report to a file: a temporary name in the same directory, 0600, O_EXCL|O_NOFOLLOW,
// fsync, rename; never through a symlink. Appears whole or not at all.
#pragma once

#include "cfwarden/base/result.h"

#include <string>
#include <string_view>

namespace cfwarden {

// What would keep a report from being written there, as far as that can be told before.
Result<Done> can_write_report_file(const std::string& path);

Result<Done> write_report_file(const std::string& path, std::string_view bytes);

}  // namespace cfwarden
