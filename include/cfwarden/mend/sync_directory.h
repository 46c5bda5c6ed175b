// Makes sure that the names in a directory are on disk.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"

namespace cfwarden {

// What was made or removed in it outlives a crash from here on. `directory` may be an O_PATH
// descriptor. Where the file system knows no fsync of a directory there is nothing to be done.
Result<Done> sync_directory(const Descriptor& directory);

}  // namespace cfwarden
