#include "cfwarden/host/input.h"

#include "cfwarden/host/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cfwarden {
namespace {

Error failed(const char* call) {
  const int code = errno;
  return {std::string{call} + ": " + std::strerror(code), code};
}

Result<Secret> read_up_to(int fd, std::size_t most) {
  Secret bytes{most};
  std::size_t size = 0;
  while (size < most) {
    const ssize_t count = read(fd, bytes.writable().data() + size, most - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read");
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.shrink(size);
  return bytes;
}

}  // namespace

Result<Secret> read_input(const std::string& file, std::size_t cap) {
  if (file == "-") return read_up_to(STDIN_FILENO, cap + 1);
  const Descriptor opened{open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!opened.is_open()) return failed("open");
  struct stat facts {};
  if (fstat(opened.get(), &facts) != 0) return failed("fstat");
  if (S_ISFIFO(facts.st_mode) && fcntl(opened.get(), F_SETFL, 0) != 0) return failed("fcntl");
  const bool readable =
      S_ISREG(facts.st_mode) || (S_ISFIFO(facts.st_mode) && file.starts_with("/dev/fd/"));
  if (!readable) return Error{"is not a regular file; use inspect - for a pipe", EINVAL};
  return read_up_to(opened.get(), cap + 1);
}

}  // namespace cfwarden
