#include "cfwarden/host/saved_file.h"

#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/trusted_file.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

Error failure(const std::string& file, std::string_view call) {
  const int code = errno;
  return {file + ": " + system_error(call, code).what, code};
}

Result<std::string> read_up_to(int fd, std::size_t cap, const std::string& file) {
  constexpr std::size_t step = 64 << 10;
  std::string bytes;
  std::size_t size = 0;
  while (true) {
    bytes.resize(std::min(cap + 1, size + step));
    const ssize_t got = read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(file, "read");
    size += static_cast<std::size_t>(got);
    if (size > cap) {
      return Error{file + ": is larger than " + std::to_string(cap >> 20) + " MiB", EFBIG};
    }
    if (got == 0) break;
  }
  bytes.resize(size);
  return bytes;
}

Result<Descriptor> open_named(const std::string& file) {
  Descriptor opened{open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!opened.is_open()) return failure(file, "open");
  struct stat facts {};
  if (fstat(opened.get(), &facts) != 0) return failure(file, "fstat");
  // That of a shell's <(...) has its writer; any other one may never get any.
  const bool is_pipe = S_ISFIFO(facts.st_mode) &&
                       (file.starts_with("/dev/fd/") || file.starts_with("/proc/self/fd/"));
  if (is_pipe && fcntl(opened.get(), F_SETFL, 0) != 0) return failure(file, "fcntl");
  if (!is_pipe && !S_ISREG(facts.st_mode)) {
    return Error{file + ": is not a regular file; use - for a pipe", EINVAL};
  }
  return opened;
}

}  // namespace

Result<std::string> read_saved_file(const std::string& file, std::size_t cap, SavedBy by) {
  if (by == SavedBy::named && file == "-") return read_up_to(STDIN_FILENO, cap, "standard input");
  const Result<Descriptor> opened =
      by == SavedBy::named ? open_named(file) : open_trusted_file({.path = file});
  if (!opened) return opened.error();
  return read_up_to(opened->get(), cap, file);
}

}  // namespace cfwarden
