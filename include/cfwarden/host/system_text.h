// Small text files of the audited system: its account databases, its name.
//
// Promises  a regular file, the same one that was opened, of at most `max_bytes`. In a directory
//           that a user controls nothing is read that this user could not read: a hard link there
//           may be somebody else's file.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

// ENOENT and ENOTDIR mean absent. Errors do not name the path.
Result<std::string> system_text(const Opener& opener, std::string_view path, std::size_t max_bytes);

}  // namespace cfwarden
