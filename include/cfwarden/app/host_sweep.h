// The sweep as a pipeline: trees -> files in which something stands -> subjects -> needs ->
// findings -> Report.
//
// Expects   a process without other threads; it is confined, if that is wanted, behind the sweep.
// Promises  changes nothing on the host, access times included where the kernel lets them be. What
//           could not be looked at is a Gap. Two sweeps of an unchanged tree are equal but for
//           `started` and how long they took.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/app/staged_files.h"
#include "cfwarden/base/result.h"
#include "cfwarden/sweep/content_sweep.h"

#include <cstdint>
#include <functional>
#include <string>

namespace cfwarden {

struct HostSweepRequest {
  // Its paths are the trees; none: the machine, and what its processes were started with. Places
  // and --user mean nothing here.
  AuditRequest host;
  SweptPart part = SweptPart::contents;
  MountCrossing crossing = MountCrossing::local;
  unsigned threads = 1;
  std::uint64_t max_size = SweepOptions{}.max_size;
  bool asks_git = false;
  // What git has staged in the work tree that the one path lies in, instead of files.
  bool only_staged = false;
  GitPlaces git;
  std::function<void(const SweepPace&)> progress;  // May be empty.
};

// An Error means that nothing was looked at: a path that does not exist, a root that is no
// directory, a rule file that is wrong.
Result<Audit> sweep_host(const HostSweepRequest& request);

}  // namespace cfwarden
