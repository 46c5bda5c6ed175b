// A file that was kept, such as an earlier report: large, and without a secret.
//
// Promises  at most `cap` bytes are read; a FIFO without a writer and a lease are not waited for.
//           An Error names the file.
#pragma once

#include "cfwarden/base/result.h"

#include <cstddef>
#include <string>

namespace cfwarden {

// named: whatever the caller names, "-" for standard input; links are followed, pipes are taken.
// trusted: as trusted_file.h has it, for what steers the run.
enum class SavedBy { named, trusted };

Result<std::string> read_saved_file(const std::string& file, std::size_t cap, SavedBy by);

}  // namespace cfwarden
