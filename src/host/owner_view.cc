#include "cfwarden/host/owner_view.h"

#include "cfwarden/exposure/access.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/system_error.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace cfwarden {
namespace {

// What this process may do that the files' owner may not.
enum class Power { any_uid, any_file, own_files };

Power present_power() {
  if (has_capability(CAP_SETUID) && has_capability(CAP_SETGID)) return Power::any_uid;
  const bool passes_modes =
      geteuid() == 0 || has_capability(CAP_DAC_READ_SEARCH) || has_capability(CAP_DAC_OVERRIDE);
  return passes_modes ? Power::any_file : Power::own_files;
}

std::string denied_to(std::uint32_t uid) {
  return "permission denied to uid " + std::to_string(uid);
}

bool is_same_regular_file(int fd, const FileId& id) {
  struct stat now {};
  return fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_dev == id.device &&
         now.st_ino == id.inode;
}

std::string refusal_of(int error) {
  if (error == EAGAIN) return "another process holds a lease on it";
  if (error == EACCES || error == EPERM) return denied_to(geteuid());
  return system_error("cannot be opened", error).what;
}

Opening open_for_reading(const Opened& file) {
  // Opening a device has effects, so the type comes first.
  if (!is_same_regular_file(file.descriptor->get(), file.facts.id))
    return {-1, "not the regular file that was looked at"};
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const std::string path = proc_path(*file.descriptor);
  int fd = open(path.c_str(), flags | O_NOATIME);
  // Only its owner may leave a file's time of access alone.
  if (fd < 0 && errno == EPERM) fd = open(path.c_str(), flags);
  if (fd < 0) return {-1, refusal_of(errno)};
  if (!is_same_regular_file(fd, file.facts.id))
    return {-1, "not the regular file that was looked at"};
  return {fd, {}};
}

// Without CAP_SETUID the kernel does not refuse for us what a user has linked into a directory of
// theirs, so the facts must.
bool is_lent(const Opened& file, const OwnerView& view, Power power) {
  if (power != Power::any_file || view.territory.trusted) return false;
  const Principal owner{view.territory.uid, {view.gid}};
  return !permits(file.facts.permissions, owner, Access::read);
}

std::vector<Opening> open_all(const OwnerView& view, Power power) {
  std::vector<Opening> openings;
  for (const Opened* file : view.files) {
    if (file == nullptr) {
      openings.push_back({});
    } else if (is_lent(*file, view, power)) {
      openings.push_back({-1, denied_to(view.territory.uid)});
    } else {
      openings.push_back(open_for_reading(*file));
    }
  }
  return openings;
}

// The C library's fstat is fstatat, which takes a path and so is forbidden by now.
bool look_at(int fd, struct stat& state) {
#if defined(__LP64__)
  return syscall(SYS_fstat, fd, &state) == 0;
#else
  return fstat(fd, &state) == 0;
#endif
}

bool is_unmoved(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
         before.st_ctim.tv_nsec == after.st_ctim.tv_nsec;
}

// From the start of the file until `buffer` is full or the file ends.
Result<std::size_t> fill(int fd, std::span<char> buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count =
        pread(fd, buffer.data() + filled, buffer.size() - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot be read", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

// The first `most` bytes, or fewer when the file is shorter; an Error of code EAGAIN when the file
// moved meanwhile.
Result<Secret> read_once(int fd, std::size_t most) {
  struct stat before {};
  struct stat after {};
  if (!look_at(fd, before)) return system_error("cannot be read", errno);
  const auto size = static_cast<std::size_t>(before.st_size);
  // One byte more than there should be shows growth; a sparse file's size promises nothing.
  Secret bytes{size < most ? size + 1 : most};
  const auto filled = fill(fd, bytes.writable());
  if (!filled) return filled.error();
  if (!look_at(fd, after)) return system_error("cannot be read", errno);
  if (!is_unmoved(before, after) || *filled != std::min(size, most)) {
    return Error{"changed while it was read", EAGAIN};
  }
  bytes.shrink(*filled);
  return bytes;
}

}  // namespace

Result<Done> enter_sandbox(const OwnerView& view, int parent, std::vector<Opening>& openings) {
  const Power power = present_power();
  const bool as_owner = power == Power::any_uid && !view.territory.trusted;
  if (as_owner) {
    if (auto became = become(view.territory.uid, view.gid); !became) return became;
  }
  openings = open_all(view, power);
  if (!as_owner) {
    auto dropped = power == Power::any_uid ? become(nobody, nobody) : shed_capabilities();
    if (!dropped) return dropped;
  }
  if (auto limited = limit_worker(parent); !limited) return limited;
  return forbid_opening();
}

Result<Secret> read_settled(int fd, std::size_t most) {
  auto first = read_once(fd, most);
  if (first || first.error().code != EAGAIN) return first;
  return read_once(fd, most);
}

}  // namespace cfwarden
