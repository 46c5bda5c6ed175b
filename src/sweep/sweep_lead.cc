#include "cfwarden/sweep/sweep_lead.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/mounts.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace cfwarden {

namespace {

Result<FileId> id_of(const Descriptor& descriptor) {
  struct stat status {};
  if (fstat(descriptor.get(), &status) != 0) return system_error("fstat", errno);
  return FileId{.device = status.st_dev, .inode = status.st_ino};
}

FileType type_of_status(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return FileType::directory;
  if (S_ISREG(status.st_mode)) return FileType::regular;
  return S_ISLNK(status.st_mode) ? FileType::symlink : FileType::other;
}

}  // namespace

std::vector<SweepStart> starts_of(const SweepOptions& options, GapList& gaps) {
  std::vector<std::string> paths = options.paths;
  std::ranges::sort(paths);
  std::vector<SweepStart> starts;
  for (const std::string& path : paths) {
    struct stat status {};
    if (fstatat(AT_FDCWD, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      gaps.add(path, system_error("stat", errno).what);
      continue;
    }
    const FileType type = type_of_status(status);
    if (type == FileType::symlink) gaps.add(path, "is a symbolic link, which is not followed");
    if (type == FileType::other) gaps.add(path, "is neither a file nor a directory");
    starts.push_back({path, {.device = status.st_dev, .inode = status.st_ino}, type});
  }
  return starts;
}

void SweepLead::begin(const std::vector<SweepStart>& starts) {
  for (const SweepStart& start : starts) {
    if (start.type == FileType::directory) begin_at_directory(start);
  }
  for (const SweepStart& start : starts) {
    if (start.type == FileType::regular) begin_at_file(start);
  }
}

void SweepLead::begin_at_directory(const SweepStart& start) {
  if (!begun_.emplace(start.id, start.path).second) return;
  auto directory = DirectoryRef::start(start.path);
  const auto opened = state_.opener.passage(AT_FDCWD, start.path.c_str());
  if (opened && is_kept_off(start.path, opened->get(), true)) return;
  if (opened && !state_.opener.sees_mounts()) directory->mount = mount_id_of(opened->get());
  state_.pool.put(ListTask{std::move(directory)});
}

// It is found by its name in the directory that it was named in, whatever links lead there.
void SweepLead::begin_at_file(const SweepStart& start) {
  const std::string name{file_name_of(start.path)};
  const std::string above = start.path.substr(0, start.path.size() - name.size());
  const auto directory = DirectoryRef::start(above.empty() ? "./" : above);
  const auto opened = state_.opener.passage(AT_FDCWD, directory->name.c_str());
  const auto id = opened ? id_of(*opened) : Result<FileId>{opened.error()};
  if (!id) {
    state_.gaps.add(start.path, id.error().what);
    return;
  }
  directory->id = *id;
  directory->mount = mount_id_of(opened->get());
  worker_.take_file(directory, name, start.id.inode);
}

void SweepLead::run() {
  do {
    while (auto task = state_.pool.take_or_finish()) worker_.work_off(std::move(*task));
  } while (!state_.stopped && enter_mounts());
}

// All that were met so far, in the order of their paths; false when there were none.
bool SweepLead::enter_mounts() {
  std::vector<std::pair<std::string, DirectoryRef>> sorted;
  for (DirectoryRef& mount : state_.met_mounts.take()) {
    std::string path = path_of(*mount);
    sorted.emplace_back(std::move(path), std::move(mount));
  }
  std::ranges::sort(sorted, {},
                    [](const auto& mount) -> const std::string& { return mount.first; });
  for (auto& [path, mount] : sorted) {
    if (!state_.skips_mount(path) && may_enter(mount)) state_.pool.put(ListTask{std::move(mount)});
  }
  return !sorted.empty();
}

bool SweepLead::may_enter(const DirectoryRef& mount) {
  const std::string path = path_of(*mount);
  const auto above = worker_.reach().descriptor_of(mount.above());
  const auto opened = above ? state_.opener.passage(*above, mount->name.c_str())
                            : Result<Descriptor>{above.error()};
  if (!opened) {
    if (!is_gone(opened.error())) state_.gaps.add(path, opened.error().what);
    return false;
  }
  // Before it is touched: a file system that a process serves may hang.
  if (is_kept_off(path, opened->get(), false)) return false;
  const auto id = id_of(*opened);
  if (!id) {
    state_.gaps.add(path, id.error().what);
    return false;
  }
  if (was_begun(path, *id)) return false;
  mount->is_mount = true;
  if (!state_.opener.sees_mounts()) mount->mount = mount_id_of(opened->get());
  return true;
}

// For mounts whose path is not the one that /proc tells. A remote file system may be named.
bool SweepLead::is_kept_off(const std::string& path, int descriptor, bool named) {
  std::string type = file_system_type(descriptor);
  struct statfs status {};
  if (type.empty() && fstatfs(descriptor, &status) == 0)
    type = pseudo_file_system_name(static_cast<unsigned long>(status.f_type));
  const bool is_pseudo = is_pseudo_file_system(type);
  if (!is_pseudo && (named || !is_remote_file_system(type))) return false;
  state_.skipped.add({path, type, is_pseudo ? "kernel interface" : "remote file system"});
  return true;
}

bool SweepLead::was_begun(const std::string& path, const FileId& id) {
  const auto [place, is_new] = begun_.emplace(id, path);
  if (is_new) return false;
  if (place->second != path)
    state_.skipped.add({path, "", "the same directory as " + place->second});
  return true;
}

}  // namespace cfwarden
