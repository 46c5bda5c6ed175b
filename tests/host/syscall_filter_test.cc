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
