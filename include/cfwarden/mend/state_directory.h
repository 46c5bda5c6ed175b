// Where runs of fix are recorded, and the lock that lets one of them work at a time.
//
// As root /var/lib/cfwarden, which nothing moves (an environment cannot); otherwise
// $XDG_STATE_HOME/cfwarden or ~/.local/state/cfwarden of the caller. Made 0700 when it is missing
// (and its parents below the home for a user), walked as trusted: as root every directory above
// must be root's and closed to others' writing. A user's own links above it are followed. The
// host's own place also for a run on another root.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"

#include <optional>
#include <string>

namespace cfwarden {

class StateDirectory {
 public:
  // For fix --apply and undo: made if it is missing, and locked (flock LOCK_EX|LOCK_NB on its lock
  // file) until this goes. An Error names the place; code EWOULDBLOCK: another run holds the lock.
  static Result<StateDirectory> locked();
  // For undo --list and plans: neither made nor locked. nullopt: there is none yet.
  static Result<std::optional<StateDirectory>> existing();

  const Descriptor& journals() const { return journals_; }  // Its directory journal/, open to list.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Descriptor journals_;
  Descriptor lock_;
};

}  // namespace cfwarden
