#include "cfwarden/mend/sync_directory.h"

#include "cfwarden/host/system_error.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace cfwarden {

// fsync() wants more than O_PATH.
Result<Done> sync_directory(const Descriptor& directory) {
  const Descriptor readable{openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!readable.is_open()) return system_error("open", errno);
  if (fsync(readable.get()) != 0 && errno != EINVAL) return system_error("fsync", errno);
  return Done{};
}

}  // namespace cfwarden
