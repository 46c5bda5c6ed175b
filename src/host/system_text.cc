#include "cfwarden/host/system_text.h"

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

// Whether /proc led back to the file: it may be something else that is mounted there.
bool is_same(const Descriptor& readable, const FileId& id) {
  struct stat status {};
  return fstat(readable.get(), &status) == 0 && S_ISREG(status.st_mode) &&
         id == FileId{.device = status.st_dev, .inode = status.st_ino};
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
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Result<Opened> file = opener.open(path, Named::no, Detail::status);
  if (file && !file->territory.trusted) file = opener.open(path);
  if (!file) return file.error();
  if (file->facts.type != FileType::regular) return Error{"is not a regular file", 0};
  if (!may_read(*file)) return Error{"permission denied to its directory's owner", 0};
  const Descriptor readable{open(proc_path(*file->descriptor).c_str(), flags)};
  if (!readable.is_open()) return system_error("open", errno == ENOENT ? EIO : errno);
  if (!is_same(readable, file->facts.id)) return Error{"open: /proc leads to another file", ESTALE};
  return contents_of(readable, max_bytes);
}

}  // namespace cfwarden
