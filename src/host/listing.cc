#include "cfwarden/host/listing.h"

#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>

namespace cfwarden {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { (void)closedir(directory); }  // It was only read.
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectory>;

// O_NOATIME is for the owner and root only: others read without it.
Result<DirectoryStream> stream_of(const Descriptor& directory) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  int readable = openat(directory.get(), ".", flags | O_NOATIME);
  if (readable < 0 && errno == EPERM) readable = openat(directory.get(), ".", flags);
  if (readable < 0) return system_error("open", errno);
  DIR* stream = fdopendir(readable);
  if (stream != nullptr) return DirectoryStream{stream};
  const Descriptor unused{readable};
  return system_error("fdopendir", errno);
}

Entry entry_of(const dirent& raw) {
  Entry entry{.name = raw.d_name};
  switch (raw.d_type) {
    case DT_REG:
      entry.type = FileType::regular;
      break;
    case DT_DIR:
      entry.type = FileType::directory;
      break;
    case DT_LNK:
      entry.type = FileType::symlink;
      break;
    case DT_UNKNOWN:
      entry.type_known = false;
      break;
    default:
      break;
  }
  return entry;
}

bool is_dots(const char* name) {
  return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0;
}

}  // namespace

Result<Listed> list_wanted(const Descriptor& directory, std::size_t max_entries,
                           const std::function<bool(const Entry&)>& wanted) {
  auto stream = stream_of(directory);
  if (!stream) return stream.error();
  Listed listed;
  while (true) {
    errno = 0;
    const dirent* raw = readdir(stream->get());
    if (raw == nullptr) break;
    if (is_dots(raw->d_name)) continue;
    if (listed.seen == max_entries) {
      listed.names.truncated = true;
      break;
    }
    ++listed.seen;
    Entry entry = entry_of(*raw);
    if (wanted(entry)) listed.names.entries.push_back(std::move(entry));
  }
  if (errno != 0) return system_error("readdir", errno);
  std::ranges::sort(listed.names.entries, {}, &Entry::name);
  return listed;
}

Result<Names> list(const Opened& directory, std::size_t max_entries) {
  auto listed = list_wanted(directory.descriptor, max_entries, [](const Entry&) { return true; });
  if (!listed) return listed.error();
  return std::move(listed->names);
}

}  // namespace cfwarden
