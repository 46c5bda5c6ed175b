#include "cfwarden/host/descriptor.h"

#include <utility>

#include <unistd.h>

namespace cfwarden {

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) (void)close(fd_);  // Nothing was written through it: no error matters.
}

std::string proc_path(const Descriptor& descriptor) {
  return "/proc/self/fd/" + std::to_string(descriptor.get());
}

}  // namespace cfwarden
