#include "cfwarden/host/bytes_file.h"

#include "cfwarden/host/system_error.h"

#include <sys/mman.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>

namespace cfwarden {

Result<Descriptor> bytes_as_file(std::string_view bytes) {
  Descriptor file{memfd_create("cfwarden", MFD_CLOEXEC)};
  if (!file.is_open()) return system_error("memfd_create", errno);
  while (!bytes.empty()) {
    const ssize_t count = write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

}  // namespace cfwarden
