// Walks whole trees in several threads and reads every regular file, for whoever says what is
// looked for. Nothing here knows a credential.
//
// Promises  never follows a symbolic link, never opens a special file, never waits for a file, and
//           stays off pseudo file systems, and off remote ones that were not named. What could not
//           be looked at is a gap. Memory does not grow with the number of files; descriptors and
//           threads fit into RLIMIT_NOFILE, depth and length of paths do not matter.
// Expects   every event but `keep_going` to bear calls from several threads at once; the order of
//           events is any. The calls it makes of the system are in sweep/system_calls.h.
#pragma once

#include "cfwarden/model/report.h"
#include "cfwarden/sweep/swept.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace cfwarden {

enum class MountCrossing { local, none };

struct SweepOptions {
  std::vector<std::string> paths;  // Directories or files. Of equal ones one is walked.
  unsigned threads = 1;            // At most; little work stays on the calling one.
  MountCrossing crossing = MountCrossing::local;
  std::uint64_t max_size = std::numeric_limits<std::uint64_t>::max();  // Larger files are gaps.
  std::size_t overlap = 4096;                                          // At most 64 KiB.
};

enum class Wanted { no, again };  // again: and no chunk of the file more.

struct SweepEvents {
  // Not to be looked at, nor, of a directory, into: no gap. Asked for each name. May be empty.
  std::function<bool(const SweptName&)> excluded;
  std::function<void(const SweptName&)> name;  // Each that is not excluded. May be empty.
  // Empty: names only, no file is opened.
  std::function<Wanted(const SweptFile&, const SweptChunk&)> chunk;
  // Of a file of which a chunk was wanted again, once nobody is at a chunk of it; once. May be
  // empty.
  std::function<void(const SweptFile&)> again;
  std::function<bool()> keep_going;  // False: stop soon. Asked often, by any thread. May be empty.
};

// To be looked at from elsewhere meanwhile.
struct SweepProgress {
  std::atomic<std::uint64_t> directories{0};
  std::atomic<std::uint64_t> names{0};  // Of whatever type, excluded ones too.
  std::atomic<std::uint64_t> files{0};  // Opened for reading.
  std::atomic<std::uint64_t> bytes{0};  // Read, without overlaps and windows.
};

// A mount that was kept away from, and why: a type such as "proc" or "nfs4", or "" for a local one.
struct SkippedMount {
  std::string path;
  std::string type;
  std::string why;
};

struct SweepOutcome {
  std::vector<Gap> gaps;              // Sorted.
  std::uint64_t more_gaps = 0;        // Than are listed.
  std::vector<SkippedMount> skipped;  // Sorted by path.
  bool stopped = false;
};

SweepOutcome sweep(const SweepOptions& options, const SweepEvents& events, SweepProgress& progress);

}  // namespace cfwarden
