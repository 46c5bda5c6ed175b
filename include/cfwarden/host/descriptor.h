// An owned file descriptor. Move-only; closed when it goes.
#pragma once

#include <string>

namespace cfwarden {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_{fd} {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// "/proc/self/fd/N": the object itself, whatever happened to its name.
std::string proc_path(const Descriptor& descriptor);

}  // namespace cfwarden
