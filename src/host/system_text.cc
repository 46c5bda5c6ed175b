#include "cfwarden/host/system_text.h"

#include "cfwarden/base/path.h"
#include "cfwarden/exposure/access.h"
#include "cfwarden/host/system_error.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {

namespace {

bool may_read(const Opened& file) {
  if (file.territory.trusted) return true;
  const Principal user{.uid = file.territory.uid, .gids = {}};
  return permits(file.facts.permissions, user, Access::read);
}

// Whether the name, or /proc, led back to the file.
bool is_same(const Descriptor& readable, const FileId& id) {
  struct stat status {};
  return fstat(readable.get(), &status) == 0 && S_ISREG(status.st_mode) &&
         id == FileId{.device = status.st_dev, .inode = status.st_ino};
}

// In a trusted directory nobody but root can put another file in its place, and its name is many
// times as fast as the way through /proc, which makes directories for the process first.
Descriptor reopened(const Opener& opener, const Opened& file) {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;
  if (file.territory.trusted) {
    const Result<Opened> directory = opener.open(directory_of(file.location));
    const std::string name{file_name_of(file.location)};
    if (directory) return Descriptor{openat(directory->descriptor->get(), name.c_str(), flags)};
  }
  return Descriptor{open(proc_path(*file.descriptor).c_str(), flags & ~O_NOFOLLOW)};
}

Result<std::string> contents_of(const Descriptor& readable, std::size_t max_bytes) {
  std::string text;
  std::array<char, 4096> chunk;
  while (text.size() <= max_bytes) {
    const ssize_t count = read(readable.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read", errno);
    if (count == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return Error{"is larger than " + std::to_string(max_bytes) + " bytes", EFBIG};
}

}  // namespace

Result<std::string> system_text(const Opener& opener, std::string_view path,
                                std::size_t max_bytes) {
  Result<Opened> file = opener.open(path, Named::no, Detail::status);
  if (file && !file->territory.trusted) file = opener.open(path);
  if (!file) return file.error();
  if (file->facts.type != FileType::regular) return Error{"is not a regular file", 0};
  if (!may_read(*file)) return Error{"permission denied to its directory's owner", 0};
  const Descriptor readable = reopened(opener, *file);
  if (!readable.is_open()) return system_error("open", errno == ENOENT ? EIO : errno);
  if (!is_same(readable, file->facts.id)) return Error{"open: leads to another file", ESTALE};
  return contents_of(readable, max_bytes);
}

}  // namespace cfwarden
