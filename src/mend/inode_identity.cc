#include "cfwarden/mend/inode_identity.h"

#include "cfwarden/host/system_error.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace cfwarden {
namespace {

constexpr std::int64_t nanoseconds_in_a_second = 1'000'000'000;

// The first change of a file in a lower layer copies it up: its number stays, its birth is new.
bool is_layered(const Descriptor& object) {
  struct statfs system {};
  return fstatfs(object.get(), &system) == 0 && system.f_type == OVERLAYFS_SUPER_MAGIC;
}

std::optional<std::int64_t> born(const Descriptor& object) {
  if (is_layered(object)) return std::nullopt;
  struct statx facts {};
  if (statx(object.get(), "", AT_EMPTY_PATH, STATX_BTIME, &facts) != 0) return std::nullopt;
  if ((facts.stx_mask & STATX_BTIME) == 0) return std::nullopt;
  return facts.stx_btime.tv_sec * nanoseconds_in_a_second + facts.stx_btime.tv_nsec;
}

// Nothing is asked of a device or of a FIFO: only they know what a number means to them.
std::optional<std::uint32_t> generation(const Descriptor& object, mode_t mode) {
  const int flags = fcntl(object.get(), F_GETFL);
  if (flags < 0 || (flags & O_PATH) != 0) return std::nullopt;
  if (!S_ISREG(mode) && !S_ISDIR(mode)) return std::nullopt;
  // By its number a long, of which file systems write an int.
  std::array<std::uint32_t, 2> answer{};
  if (ioctl(object.get(), FS_IOC_GETVERSION, answer.data()) != 0) return std::nullopt;
  return answer[0];
}

bool agree(const auto& a, const auto& b) {
  return !a || !b || *a == *b;
}

}  // namespace

bool operator==(const InodeIdentity& a, const InodeIdentity& b) {
  return a.id == b.id && agree(a.born_nanoseconds, b.born_nanoseconds) &&
         agree(a.generation, b.generation);
}

Result<InodeIdentity> identity_of(const Descriptor& object) {
  struct stat status {};
  if (fstat(object.get(), &status) != 0) return system_error("fstat", errno);
  return InodeIdentity{.id = {.device = status.st_dev, .inode = status.st_ino},
                       .born_nanoseconds = born(object),
                       .generation = generation(object, status.st_mode)};
}

}  // namespace cfwarden
