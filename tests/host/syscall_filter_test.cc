#include "cfwarden/host/syscall_filter.h"

#include "in_child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <cerrno>

namespace cfwarden {
namespace {

TEST_CASE("a filter of refusals makes the listed calls fail and leaves the others alone") {
  const Ending ending = in_child([] {
    constexpr std::array refused{static_cast<int>(SYS_getppid), static_cast<int>(SYS_getcwd)};
    if (!install_filter(Filter::not_these, refused)) return 1;
    if (syscall(SYS_getppid) != -1 || errno != EPERM) return 2;
    return syscall(SYS_getuid) >= 0 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("neighbours, the order and repetitions of the listed calls change nothing") {
  constexpr std::array refused{static_cast<int>(SYS_getppid), static_cast<int>(SYS_read),
                               static_cast<int>(SYS_geteuid), static_cast<int>(SYS_getegid),
                               static_cast<int>(SYS_getppid), static_cast<int>(SYS_getuid)};
  const auto is_refused = [&](long number) {
    const Ending ending = in_child([&] {
      if (!install_filter(Filter::not_these, refused)) return 2;
      return syscall(number, -1, nullptr, 0) == -1 && errno == EPERM ? 1 : 0;
    });
    return ending.exit_code;
  };
  for (const long number : {SYS_getppid, SYS_read, SYS_geteuid, SYS_getegid, SYS_getuid}) {
    CAPTURE(number);
    CHECK(is_refused(number) == 1);
  }
  for (const long number :
       {SYS_write, SYS_getpid, SYS_getgid, SYS_gettid, SYS_getpgid, SYS_close}) {
    CAPTURE(number);
    CHECK(is_refused(number) == 0);
  }
}

TEST_CASE("a filter of permissions kills the process at any other call") {
  // Sanitizers ask for the alternate stack on the way out.
  constexpr std::array allowed{static_cast<int>(SYS_exit_group), static_cast<int>(SYS_getpid),
                               static_cast<int>(SYS_sigaltstack)};
  const auto calling = [&](long number) {
    return in_child([&] {
      if (!install_filter(Filter::only_these, allowed)) return 1;
      syscall(number);
      return 0;
    });
  };
  CHECK(calling(SYS_getpid).exit_code == 0);
  CHECK(calling(SYS_getppid).signal == SIGSYS);
}

TEST_CASE("a call is allowed only as it is demanded, and an absent one is as on an old kernel") {
  constexpr std::array allowed{static_cast<int>(SYS_exit_group), static_cast<int>(SYS_close),
                               static_cast<int>(SYS_sigaltstack), static_cast<int>(SYS_openat)};
  constexpr std::array demands{
      Demand{.call = SYS_openat, .argument = 2, .mask = O_ACCMODE | O_CREAT, .value = O_RDONLY},
      Demand{.call = SYS_lseek, .argument = 2, .mask = 0xffffffff, .value = SEEK_DATA}};
  constexpr std::array absent{static_cast<int>(SYS_clone3), static_cast<int>(SYS_openat2)};
  const auto calling = [&](long number, long first, const void* second, long third) {
    return in_child([&] {
      if (!install_filter({.calls = allowed, .demands = demands, .absent = absent})) return 1;
      return syscall(number, first, second, third, 0) >= 0 ? 0 : errno;
    });
  };
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  CHECK(calling(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY).exit_code == 0);
  CHECK(calling(SYS_openat, AT_FDCWD, "/", O_PATH).exit_code == 0);
  CHECK(calling(SYS_openat, AT_FDCWD, "/", O_WRONLY).signal == SIGSYS);
  CHECK(calling(SYS_openat, AT_FDCWD, "/", O_RDWR).signal == SIGSYS);
  CHECK(calling(SYS_openat, AT_FDCWD, "/tmp", O_RDONLY | O_CREAT).signal == SIGSYS);
  CHECK(calling(SYS_lseek, file, nullptr, SEEK_DATA).exit_code == 0);
  CHECK(calling(SYS_lseek, file, nullptr, SEEK_SET).signal == SIGSYS);
  CHECK(calling(SYS_clone3, 0, nullptr, 0).exit_code == ENOSYS);
  CHECK(calling(SYS_openat2, 0, nullptr, 0).exit_code == ENOSYS);
  CHECK(calling(SYS_close, file, nullptr, 0).exit_code == 0);
  CHECK(calling(SYS_unlinkat, AT_FDCWD, "/nowhere", 0).signal == SIGSYS);
  close(file);
}

#if defined(__x86_64__)
TEST_CASE("calls numbered as another ABI numbers them are no way around a filter") {
  constexpr int x32_bit = 0x40000000;
  const Ending ending = in_child([] {
    constexpr std::array refused{static_cast<int>(SYS_getppid)};
    if (!install_filter(Filter::not_these, refused)) return 1;
    syscall(SYS_getuid | x32_bit);
    return 0;
  });
  CHECK(ending.signal == SIGSYS);
}
#endif

}  // namespace
}  // namespace cfwarden
