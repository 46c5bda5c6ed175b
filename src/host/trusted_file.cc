#include "cfwarden/host/trusted_file.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

enum class Expected { regular_file, directory };

Error refusal(const std::string& path, std::string_view why) {
  return {path + ": " + std::string{why}, 0};
}

Error failure(const std::string& path, std::string_view call, int code) {
  if (code == ELOOP) return {path + ": is a symbolic link, which is not followed here", code};
  return {path + ": " + system_error(call, code).what, code};
}

Result<Done> check(const struct stat& found, const std::string& path, Expected expected,
                   unsigned forbidden) {
  const bool right_type =
      expected == Expected::directory ? S_ISDIR(found.st_mode) : S_ISREG(found.st_mode);
  if (!right_type) {
    return refusal(
        path, expected == Expected::directory ? "is not a directory" : "is not a regular file");
  }
  if (found.st_uid != 0 && found.st_uid != geteuid()) {
    return refusal(path, "belongs to uid " + std::to_string(found.st_uid) +
                             "; it must be root's or the caller's");
  }
  if ((found.st_mode & forbidden) != 0) {
    return refusal(path, "is " + mode_text(found.st_mode & 07777) + "; it may be at most " +
                             mode_text(found.st_mode & 07777 & ~forbidden));
  }
  return Done{};
}

Result<Done> check_open(const Descriptor& opened, const std::string& path, Expected expected,
                        unsigned forbidden) {
  struct stat found {};
  if (fstat(opened.get(), &found) != 0) return failure(path, "fstat", errno);
  return check(found, path, expected, forbidden);
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// From the root down, without following links.
Result<Descriptor> open_checked_chain(const std::string& path) {
  Descriptor at{open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  std::string reached = "/";
  for (std::size_t start = 1;;) {
    if (!at.is_open()) return failure(reached, "open", errno);
    const Result<Done> checked = check_open(at, reached, Expected::directory, 0022);
    if (!checked) return checked.error();
    if (start >= path.size()) return at;
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string name = path.substr(start, end - start);
    reached = path.substr(0, end);
    start = end + 1;
    if (name.empty()) continue;
    at = Descriptor{openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!at.is_open() && errno == ENOTDIR) {
      return refusal(reached, "is no directory, or a symbolic link, which is not followed here");
    }
  }
}

constexpr int read_flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

Result<Secret> read_checked(const Descriptor& opened, const TrustedFile& file) {
  const Result<Done> checked =
      check_open(opened, file.path, Expected::regular_file, file.forbidden);
  if (!checked) return checked.error();
  Secret bytes{file.cap + 1};
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto room = bytes.writable().subspan(length);
    const ssize_t got = read(opened.get(), room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(file.path, "read", errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > file.cap) {
    return refusal(file.path, "is larger than " + std::to_string(file.cap) + " bytes");
  }
  bytes.shrink(length);
  return bytes;
}

}  // namespace

Result<Descriptor> open_trusted_directory(const std::string& path, PathTrust above) {
  // An absent directory is the common case, and costs no more than this.
  Descriptor opened{open(path.c_str(), read_flags)};
  if (!opened.is_open()) return failure(path, "open", errno);
  if (above == PathTrust::any) {
    const Result<Done> checked = check_open(opened, path, Expected::directory, 0022);
    if (!checked) return checked.error();
    return opened;
  }
  Result<Descriptor> chain = open_checked_chain(path);
  if (!chain) return chain.error();
  Descriptor readable{openat(chain->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!readable.is_open()) return failure(path, "open", errno);
  return readable;
}

Result<Descriptor> open_trusted_file(const TrustedFile& file) {
  Descriptor opened{open(file.path.c_str(), read_flags)};
  if (!opened.is_open()) return failure(file.path, "open", errno);
  const Result<Done> checked =
      check_open(opened, file.path, Expected::regular_file, file.forbidden);
  if (!checked) return checked.error();
  return opened;
}

Result<Secret> read_trusted_file(const TrustedFile& file) {
  const Descriptor opened{open(file.path.c_str(), read_flags)};
  if (!opened.is_open()) return failure(file.path, "open", errno);
  if (file.above == PathTrust::any) return read_checked(opened, file);

  const Result<Descriptor> directory = open_checked_chain(directory_of(file.path));
  if (!directory) return directory.error();
  return read_trusted_file_in(*directory, file.path.substr(file.path.rfind('/') + 1), file);
}

Result<Secret> read_trusted_file_in(const Descriptor& directory, const std::string& name,
                                    const TrustedFile& file) {
  const Descriptor opened{openat(directory.get(), name.c_str(), read_flags)};
  if (!opened.is_open()) return failure(file.path, "open", errno);
  return read_checked(opened, file);
}

}  // namespace cfwarden
