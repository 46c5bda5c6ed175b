#include "cfwarden/host/step.h"

#include "cfwarden/host/acl.h"
#include "cfwarden/host/mounts.h"
#include "cfwarden/host/system_error.h"

#include <cerrno>
#include <cstdint>
#include <utility>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr int look_flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;

int open_confined(int directory, const char* name, StepLimit limit) {
  open_how how{};
  how.flags = look_flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  if (limit == StepLimit::same_mount) how.resolve |= RESOLVE_NO_XDEV;
  return static_cast<int>(syscall(SYS_openat2, directory, name, &how, sizeof how));
}

FileType type_of(const struct stat& status) {
  if (S_ISREG(status.st_mode)) return FileType::regular;
  if (S_ISDIR(status.st_mode)) return FileType::directory;
  return S_ISLNK(status.st_mode) ? FileType::symlink : FileType::other;
}

FileFacts facts_of(const struct stat& status) {
  return {.id = {.device = status.st_dev, .inode = status.st_ino},
          .type = type_of(status),
          .permissions = {.mode = status.st_mode & 07777U,
                          .uid = status.st_uid,
                          .gid = status.st_gid,
                          .acl = {}},
          .links = status.st_nlink,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified = status.st_mtim.tv_sec,
          .changed_nanoseconds = status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec,
          .default_acl = {},
          .ancestors = {}};
}

}  // namespace

Result<Seen> seen_through(Descriptor descriptor) {
  auto facts = facts_through(descriptor);
  if (!facts) return facts.error();
  return Seen{.descriptor = std::move(descriptor), .facts = std::move(*facts)};
}

Result<FileFacts> facts_through(const Descriptor& descriptor) {
  struct stat status {};
  if (fstat(descriptor.get(), &status) != 0) return system_error("fstat", errno);
  return facts_of(status);
}

void read_acls(const Descriptor& descriptor, FileFacts& facts) {
  const bool is_directory = facts.type == FileType::directory;
  if (is_directory || facts.type == FileType::regular) {
    facts.permissions.acl = read_acl(descriptor, access_acl_attribute);
  }
  if (is_directory) facts.default_acl = read_acl(descriptor, default_acl_attribute);
}

Stepper::Stepper(const Descriptor& root) {
  const Descriptor tried{open_confined(root.get(), ".", StepLimit::same_mount)};
  has_openat2_ = tried.is_open();
}

int Stepper::open_component(int directory, const char* name, StepLimit limit) const {
  const bool is_confined = limit != StepLimit::anywhere && has_openat2_;
  return is_confined ? open_confined(directory, name, limit) : openat(directory, name, look_flags);
}

Result<Seen> Stepper::step(const Descriptor& directory, const char* name, StepLimit limit) const {
  Descriptor found{open_component(directory.get(), name, limit)};
  if (!found.is_open()) return system_error("open", errno);
  if (limit == StepLimit::same_mount && !has_openat2_) {
    const auto mount = mount_id_of(directory.get());
    if (mount == 0 || mount != mount_id_of(found.get())) return system_error("open", EXDEV);
  }
  return seen_through(std::move(found));
}

}  // namespace cfwarden
