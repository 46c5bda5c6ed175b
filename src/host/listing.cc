#include "cfwarden/host/listing.h"

#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cfwarden {

namespace {

// What getdents64 writes: the name follows, up to `length` bytes in all.
struct RawEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
};
constexpr std::size_t name_offset = 19;  // Without the padding at the end of the struct.

// O_NOATIME is for the owner and root only: others read without it.
Result<Descriptor> readable(const Descriptor& directory) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  Descriptor opened{openat(directory.get(), ".", flags | O_NOATIME)};
  if (!opened.is_open() && errno == EPERM) opened = Descriptor{openat(directory.get(), ".", flags)};
  if (!opened.is_open()) return system_error("open", errno);
  return opened;
}

Entry entry_of(std::uint8_t type, const char* name) {
  Entry entry{.name = name};
  switch (type) {
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

// False when there are more than max_entries.
template <class Wanted>
bool take_entries(std::string_view bytes, std::size_t max_entries, const Wanted& wanted,
                  Listed& listed) {
  while (!bytes.empty()) {
    RawEntry raw{};
    std::memcpy(&raw, bytes.data(), name_offset);
    const char* name = bytes.data() + name_offset;
    bytes.remove_prefix(raw.length);
    if (is_dots(name)) continue;
    if (listed.seen == max_entries) return false;
    ++listed.seen;
    Entry entry = entry_of(raw.type, name);
    if (wanted(entry)) listed.names.entries.push_back(std::move(entry));
  }
  return true;
}

// By the system call: a DIR costs four more, and an allocation, for each directory.
Result<Listed> listed_through(const Descriptor& directory, std::size_t max_entries,
                              const std::function<bool(const Entry&)>& wanted) {
  Listed listed;
  std::array<char, 8192> buffer;
  while (!listed.names.truncated) {
    const long count = syscall(SYS_getdents64, directory.get(), buffer.data(), buffer.size());
    if (count < 0) return system_error("getdents64", errno);
    if (count == 0) break;
    const std::string_view bytes{buffer.data(), static_cast<std::size_t>(count)};
    listed.names.truncated = !take_entries(bytes, max_entries, wanted, listed);
  }
  std::ranges::sort(listed.names.entries, {}, &Entry::name);
  return listed;
}

}  // namespace

// An O_PATH descriptor has no position and cannot be listed through.
Result<Listed> list_wanted(const Descriptor& directory, std::size_t max_entries,
                           const std::function<bool(const Entry&)>& wanted) {
  const bool is_readable = lseek(directory.get(), 0, SEEK_SET) == 0;
  if (is_readable) return listed_through(directory, max_entries, wanted);
  const Result<Descriptor> opened = readable(directory);
  if (!opened) return opened.error();
  return listed_through(*opened, max_entries, wanted);
}

void open_for_listing(Opened& directory) {
  Result<Descriptor> opened = readable(*directory.descriptor);
  if (opened) directory.descriptor = std::make_shared<const Descriptor>(std::move(*opened));
}

Result<Names> list(const Opened& directory, std::size_t max_entries) {
  auto listed = list_wanted(*directory.descriptor, max_entries, [](const Entry&) { return true; });
  if (!listed) return listed.error();
  return std::move(listed->names);
}

}  // namespace cfwarden
