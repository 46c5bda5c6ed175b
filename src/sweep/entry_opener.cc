#include "cfwarden/sweep/entry_opener.h"

#include "cfwarden/host/system_error.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <ctime>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr int read_flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOATIME;
constexpr int pass_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// Other threads, or other programs, give descriptors back.
constexpr int tries_without_descriptors = 50;
constexpr long nanoseconds_between_tries = 1'000'000;

struct alignas(ConfinedOpens::stride) ConfinedOpen {
  open_how how;
};

constexpr ConfinedOpen confined(int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
  return {how};
}

constexpr std::size_t for_directory = 1;
constexpr std::size_t with_access_time = 2;

alignas(ConfinedOpens::size) constexpr std::array confined_opens{
    confined(read_flags),
    confined(read_flags | O_DIRECTORY),
    confined(read_flags & ~O_NOATIME),
    confined((read_flags | O_DIRECTORY) & ~O_NOATIME),
};
static_assert(sizeof confined_opens == ConfinedOpens::size);

int open_on_this_mount(int above, const char* name, int flags) {
  const std::size_t which = ((flags & O_DIRECTORY) != 0 ? for_directory : 0) |
                            ((flags & O_NOATIME) == 0 ? with_access_time : 0);
  const open_how& how = confined_opens.at(which).how;
  return static_cast<int>(syscall(SYS_openat2, above, name, &how, sizeof how));
}

bool lacks_descriptors() {
  return errno == EMFILE || errno == ENFILE;
}

void wait_a_moment() {
  const timespec moment{0, nanoseconds_between_tries};
  (void)nanosleep(&moment, nullptr);  // A signal only makes it shorter.
}

}  // namespace

const void* ConfinedOpens::begin() {
  return confined_opens.data();
}

EntryOpener::EntryOpener(int directory) {
  const Descriptor tried{
      open_on_this_mount(directory, ".", (read_flags | O_DIRECTORY) & ~O_NOATIME)};
  // A directory that may not be entered tells nothing against it.
  has_openat2_ = tried.is_open() || (errno != ENOSYS && errno != EPERM && errno != EINVAL);
}

Result<Descriptor> EntryOpener::directory(int above, const char* name, MountStep step) const {
  return open(above, name, read_flags | O_DIRECTORY, step);
}

Result<Descriptor> EntryOpener::file(int directory, const char* name, MountStep step) const {
  return open(directory, name, read_flags, step);
}

Result<Descriptor> EntryOpener::passage(int above, const char* name) const {
  return open(above, name, pass_flags, MountStep::cross);
}

Result<Descriptor> EntryOpener::open(int above, const char* name, int flags, MountStep step) const {
  for (int tries = 0;; ++tries) {
    int opened = open_once(above, name, flags, step);
    // O_NOATIME is for the owner and root only: others read without it.
    if (opened < 0 && errno == EPERM) opened = open_once(above, name, flags & ~O_NOATIME, step);
    if (opened >= 0) return Descriptor{opened};
    if (!lacks_descriptors() || tries == tries_without_descriptors) break;
    wait_a_moment();
  }
  // A file is opened without waiting: this is a lease, or a lock that is enforced.
  if (errno == EAGAIN) return Error{"another process holds a lease on it", EAGAIN};
  return system_error("open", errno);
}

int EntryOpener::open_once(int above, const char* name, int flags, MountStep step) const {
  while (true) {
    const bool confined = step == MountStep::stay && has_openat2_;
    const int opened =
        confined ? open_on_this_mount(above, name, flags) : openat(above, name, flags);
    if (opened >= 0 || errno != EINTR) return opened;
  }
}

bool is_gone(const Error& error) {
  return is_absent(error) || error.code == ELOOP;
}

}  // namespace cfwarden
