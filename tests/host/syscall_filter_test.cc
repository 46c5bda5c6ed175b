#include "cfwarden/host/syscall_filter.h"

#include "in_child.h"

#include <doctest/doctest.h>
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
