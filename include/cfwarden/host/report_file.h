// Writes a report to a file: a temporary name in the same directory, 0600, O_EXCL|O_NOFOLLOW,
// fsync, rename; never through a symlink. Appears whole or not at all.
#pragma once

#include "cfwarden/base/result.h"

#include <string>
#include <string_view>

namespace cfwarden {

Result<Done> write_report_file(const std::string& path, std::string_view bytes);

}  // namespace cfwarden
