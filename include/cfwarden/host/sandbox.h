// The worker's walls.
#pragma once

#include "cfwarden/base/result.h"

#include <cstdint>

namespace cfwarden {

// Irrevocably becomes `uid` with its `gid` and no other group, and proves it: setresuid(0) must
// fail.
Result<Done> become(std::uint32_t uid, std::uint32_t gid);

// Gives up every capability of this process, for good.
Result<Done> shed_capabilities();

// Address space 256 MiB (not under sanitizers), CPU 5 s, no file writes, no new processes; dies
// with its parent (`parent` is its pid before the fork).
Result<Done> limit_worker(int parent);

// From here on: read, write, close, memory and exit; no open. Anything else kills the process.
Result<Done> forbid_opening();

}  // namespace cfwarden
