// The sweeper's walls: from here on this process may read every file, and change nothing.
//
// Supplies  uid and gid of nobody, no group, and of the capabilities CAP_DAC_READ_SEARCH, which
//           reading takes, and CAP_FOWNER, without which the access times of others' files would
//           change; no call that could use it for anything else is left. An ordinary user keeps
//           what is there of the two, and its uid.
// Promises  no file is opened for writing, made, removed or changed, no program and no process
//           started, no socket made, nothing traced or signalled, and nothing written or sent but
//           through the two outlets. openat2 takes the ConfinedOpens and nothing else. Where there
//           is Landlock the kernel refuses writing once more.
// Expects   to be called once, before there are threads.
#pragma once

#include "cfwarden/base/result.h"

namespace cfwarden {

struct ReaderOutlets {
  int report = -1;  // May be written to.
  int queue = -1;   // May be sent to; none: nothing is sent.
};

enum class WriteLock { landlock, filter_alone };

// `parent`: its pid before the fork; this process dies with it. An Error: nothing may be read.
Result<WriteLock> allow_only_reading(int parent, const ReaderOutlets& outlets);

}  // namespace cfwarden
