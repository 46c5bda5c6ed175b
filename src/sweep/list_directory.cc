// SweepWorker's listing of directories.
#include "cfwarden/host/mounts.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/sweep/sweep_worker.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cfwarden {

namespace {

// So many subdirectories wait at most before one is walked: the listing goes on after them.
constexpr std::size_t most_children = 4096;
constexpr std::size_t names_at_once = 32;  // To be read, or given away.

constexpr std::size_t name_offset = 19;  // Of struct linux_dirent64.

bool is_dots(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

FileType type_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISDIR(mode)) return FileType::directory;
  return S_ISLNK(mode) ? FileType::symlink : FileType::other;
}

}  // namespace

struct SweepWorker::ListedEntry {
  std::uint64_t inode = 0;
  std::int64_t next = 0;  // Where the listing goes on behind it.
  std::uint8_t type = DT_UNKNOWN;
  const char* name = nullptr;
};

struct SweepWorker::Listing {
  const DirectoryRef& directory;
  DirectoryPath path;
  Descriptor own;  // Unless the directory keeps it.
  int descriptor;  // Either.
  bool is_published = false;
  std::size_t children = 0;
  ReadTask files{};
  std::size_t count = 0;  // Of files.
};

void SweepWorker::run(ListTask& task) {
  Listing listing{.directory = task.directory,
                  .path = DirectoryPath{*task.directory},
                  .own = {},
                  .descriptor = -1};
  if (task.begin == ListTask::Begin::where_it_was) {
    listing.descriptor = task.directory->kept.get();
    listing.is_published = true;
  } else {
    auto opened = open_directory(task.directory);
    if (!opened) {
      if (opened.error().code == EXDEV) {
        state_.met_mounts.add(task.directory);
      } else if (!is_gone(opened.error())) {
        state_.gaps.add(listing.path.text(), "cannot be listed: " + opened.error().what);
      }
      return;
    }
    if (is_another_start(*task.directory, opened->get())) return;
    ++directories_;
    listing.own = std::move(*opened);
    listing.descriptor = listing.own.get();
  }
  while (list(listing)) {
    tell_progress();
    share(0);
  }
  if (listing.count > 0) read_names(listing);
  if (listing.is_published && listing.own.is_open())
    reach_.remember(task.directory, std::move(listing.own));
}

Result<Descriptor> SweepWorker::open_directory(const DirectoryRef& directory) {
  if (directory->above == nullptr)
    return state_.opener.directory(AT_FDCWD, directory->name.c_str(), MountStep::cross);
  const auto above = reach_.descriptor_of(directory.above());
  if (!above) return above.error();
  const MountStep step = directory->is_mount ? MountStep::cross : MountStep::stay;
  const bool looks_first = step == MountStep::stay && !state_.opener.sees_mounts();
  // Without openat2, what is known to hang or to have no files must not even be opened.
  if (looks_first && !state_.mounts.type_on(path_of(*directory)).empty())
    return Error{"is a mount", EXDEV};
  auto opened = state_.opener.directory(*above, directory->name.c_str(), step);
  if (looks_first && opened && mount_id_of(opened->get()) != directory->mount)
    return Error{"is a mount", EXDEV};
  return opened;
}

// Walked by itself, as what it was named.
bool SweepWorker::is_another_start(const Directory& directory, int descriptor) const {
  if (state_.starts.size() < 2 || directory.above == nullptr) return false;
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return false;
  const FileId id{.device = status.st_dev, .inode = status.st_ino};
  return std::ranges::binary_search(state_.starts, id);
}

// False when there is no more, for now.
bool SweepWorker::list(Listing& listing) {
  const long length = syscall(SYS_getdents64, listing.descriptor, entries_.get(), entries_bytes);
  if (length > 0 && state_.goes_on())
    return take_entries(listing, static_cast<std::size_t>(length));
  if (length < 0 && errno != ENOENT) {
    const Error error = system_error("getdents64", errno);
    state_.gaps.add(listing.path.text(), "cannot be listed to its end: " + error.what);
  }
  return false;
}

bool SweepWorker::take_entries(Listing& listing, std::size_t length) {
  const char* entry = entries_.get();
  const char* const end = entry + length;
  while (entry < end) {
    ListedEntry listed;
    std::uint16_t size = 0;
    std::memcpy(&listed.inode, entry, sizeof listed.inode);
    std::memcpy(&listed.next, entry + 8, sizeof listed.next);
    std::memcpy(&size, entry + 16, sizeof size);
    std::memcpy(&listed.type, entry + 18, sizeof listed.type);
    listed.name = entry + name_offset;
    entry += size;
    if (is_dots(listed.name)) continue;
    ++names_;
    take_entry(listing, listed);
    if (listing.children == most_children && listing.directory->kept.is_open()) {
      break_off(listing, listed.next);
      return false;
    }
  }
  return true;
}

void SweepWorker::take_entry(Listing& listing, const ListedEntry& entry) {
  const FileType type = type_of(listing, entry);
  const SweptName name{.name = entry.name,
                       .type = type,
                       .inode = entry.inode,
                       .thread = thread_,
                       .directory = listing.path};
  if (state_.events.excluded && state_.events.excluded(name)) return;
  if (state_.events.name) state_.events.name(name);
  if (type == FileType::directory) {
    publish(listing);
    mine_.push_back(ListTask{listing.directory.below(entry.name)});
    ++listing.children;
  } else if (type == FileType::regular && state_.events.chunk) {
    listing.files.names.append(entry.name).push_back('\0');
    if (++listing.count == names_at_once) read_names(listing);
  }
}

FileType SweepWorker::type_of(const Listing& listing, const ListedEntry& entry) {
  switch (entry.type) {
    case DT_REG:
      return FileType::regular;
    case DT_DIR:
      return FileType::directory;
    case DT_LNK:
      return FileType::symlink;
    case DT_UNKNOWN:
      break;
    default:
      return FileType::other;
  }
  struct stat status {};
  if (fstatat(listing.descriptor, entry.name, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0)
    return type_of_mode(status.st_mode);
  if (errno != ENOENT)
    state_.gaps.add(listing.path.of(entry.name), system_error("stat", errno).what);
  return FileType::other;
}

// From now on tasks refer to the directory: other threads must be able to come to it.
void SweepWorker::publish(Listing& listing) {
  if (listing.is_published) return;
  listing.is_published = true;
  Directory& directory = *listing.directory;
  if (keep_open(directory, listing.own, state_.budget)) return;
  struct stat status {};
  // A directory that is not known again later is a gap then.
  if (fstat(listing.descriptor, &status) != 0) return;
  directory.id = {.device = status.st_dev, .inode = status.st_ino};
}

// The children come first. Some may have been given away: those before the task were older.
void SweepWorker::break_off(Listing& listing, std::int64_t position) {
  if (lseek(listing.descriptor, position, SEEK_SET) < 0) {
    const Error error = system_error("lseek", errno);
    state_.gaps.add(listing.path.text(), "cannot be listed to its end: " + error.what);
    return;
  }
  const std::size_t children = std::min(listing.children, mine_.size());
  mine_.insert(mine_.end() - static_cast<std::ptrdiff_t>(children),
               ListTask{listing.directory, ListTask::Begin::where_it_was});
}

void SweepWorker::read_names(Listing& listing) {
  publish(listing);
  ReadTask task{listing.directory, std::exchange(listing.files.names, {})};
  listing.count = 0;
  if (state_.pool.is_hungry()) {
    state_.pool.put(std::move(task));
  } else {
    read_files(task, listing.descriptor, listing.path);
  }
}

}  // namespace cfwarden
