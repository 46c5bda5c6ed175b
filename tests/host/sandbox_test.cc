#include "cfwarden/host/sandbox.h"

#include "cfwarden/host/process.h"
#include "in_child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>

namespace cfwarden {
namespace {

constexpr std::uint32_t stranger = 54321;  // A uid, and a gid, without an account.

bool skipped_without_root() {
  if (is_root()) return false;
  MESSAGE("skipped: becoming another uid takes root");
  return true;
}

TEST_CASE("who has become another uid is that uid alone and cannot go back") {
  if (skipped_without_root()) return;
  const Ending ending = in_child([] {
    const gid_t groups[] = {0, 4, 27};
    if (setgroups(3, groups) != 0) return 1;
    if (!become(stranger, stranger + 1)) return 2;
    if (getuid() != stranger || geteuid() != stranger) return 3;
    if (getgid() != stranger + 1 || getegid() != stranger + 1) return 4;
    if (getgroups(0, nullptr) != 0) return 5;
    if (setresuid(0, 0, 0) != -1 || errno != EPERM) return 6;
    if (setresgid(0, 0, 0) != -1 || errno != EPERM) return 7;
    return has_capability(CAP_DAC_OVERRIDE) || has_capability(CAP_SETUID) ? 8 : 0;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("capabilities that were told to survive a change of uid do not") {
  if (skipped_without_root()) return;
  const Ending ending = in_child([] {
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return 1;
    if (!become(stranger, stranger)) return 2;
    return has_capability(CAP_DAC_READ_SEARCH) ? 3 : 0;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("nobody becomes root, and no id is left unchanged by a trick of numbers") {
  constexpr std::uint32_t unchanged = 0xffffffff;
  CHECK_FALSE(become(0, stranger));
  CHECK_FALSE(become(unchanged, stranger));
  CHECK_FALSE(become(stranger, unchanged));
}

TEST_CASE("becoming another uid without the right to fails and says so") {
  const Ending ending = in_child([] {
    if (is_root() && !become(stranger, stranger)) return 1;
    const auto again = become(stranger + 1, stranger);
    if (again) return 2;
    return again.error().what.find("becoming uid 54322") == 0 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("shed capabilities are gone, even as uid 0") {
  const Ending ending = in_child([] {
    if (!shed_capabilities()) return 1;
    for (int capability = 0; capability <= 40; ++capability) {
      if (has_capability(capability)) return 2;
    }
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("who becomes another uid keeps the capabilities that it was told to, and no other") {
  if (skipped_without_root()) return;
  const Ending ending = in_child([] {
    if (!become(stranger, stranger, capability(CAP_DAC_READ_SEARCH))) return 1;
    for (int number = 0; number <= 40; ++number) {
      if (has_capability(number) != (number == CAP_DAC_READ_SEARCH)) return 2;
    }
    if (setresuid(0, 0, 0) == 0) return 3;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) == 0) return 4;
    return open("/etc/shadow", O_RDONLY) >= 0 && open("/etc/shadow", O_RDWR) < 0 ? 0 : 5;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("nobody is given a capability by being told to keep it") {
  const Ending ending = in_child([] {
    if (!shed_capabilities()) return 1;
    if (!shed_capabilities(capability(CAP_DAC_READ_SEARCH))) return 2;
    return has_capability(CAP_DAC_READ_SEARCH) ? 3 : 0;
  });
  CHECK(ending.exit_code == 0);
}

// Starts `prepare` in a child that then waits, and lets `attack` try its pid from another child.
Ending attacked(const std::function<bool()>& prepare, const std::function<int(pid_t)>& attack) {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t victim = fork();
  if (victim == 0) {
    const char word = prepare() ? 'y' : 'n';
    (void)!write(ready[1], &word, 1);
    while (true) pause();
  }
  char word = 'n';
  REQUIRE(read(ready[0], &word, 1) == 1);
  REQUIRE(word == 'y');
  const Ending ending = in_child([&] { return attack(victim); });
  kill(victim, SIGKILL);
  waitpid(victim, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  return ending;
}

int attach_as_the_same_user(pid_t victim) {
  if (is_root()) {
    if (setresgid(stranger, stranger, stranger) != 0) return 1;
    if (setresuid(stranger, stranger, stranger) != 0) return 1;
  }
  const bool attached = ptrace(PTRACE_ATTACH, victim, nullptr, nullptr) == 0;
  const std::string memory = "/proc/" + std::to_string(victim) + "/mem";
  const bool opened = open(memory.c_str(), O_RDONLY) >= 0;
  return attached || opened ? 2 : 0;
}

TEST_CASE("another process of the same user can neither trace a worker nor read its memory") {
  const auto drop = [] {
    return bool{is_root() ? become(stranger, stranger) : shed_capabilities()};
  };
  CHECK(attacked(drop, attach_as_the_same_user).exit_code == 0);
}

TEST_CASE("a process that merely changed its uid and stayed dumpable could be traced") {
  if (skipped_without_root()) return;
  const auto careless = [] {
    return setresgid(stranger, stranger, stranger) == 0 &&
           setresuid(stranger, stranger, stranger) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
  };
  CHECK(attacked(careless, attach_as_the_same_user).exit_code == 2);
}

TEST_CASE("a worker that crashes leaves no core, however large its user's limit was") {
  const Ending ending = in_child([] {
    rlimit core{};
    getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = core.rlim_max;
    setrlimit(RLIMIT_CORE, &core);
    const auto dropped = is_root() ? become(stranger, stranger) : shed_capabilities();
    if (!dropped || !limit_worker(getppid())) return 1;
    std::abort();
  });
  CHECK(ending.signal == SIGABRT);
  CHECK_FALSE(ending.core);
}

TEST_CASE("a worker has an end of memory, of processor time, of files and of processes") {
  const Ending ending = in_child([] {
    if (!limit_worker(getppid())) return 1;
    rlimit limit{};
    if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_cur != 5) return 2;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_max != 0) return 3;
    if (getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_max != 0) return 4;
    if (under_sanitizer) return 0;
    const void* much = mmap(nullptr, std::size_t{300} << 20, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return much == MAP_FAILED ? 0 : 5;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a worker whose parent has gone refuses to work") {
  const Ending ending = in_child([] { return limit_worker(getppid() + 1) ? 1 : 0; });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a worker dies with its parent") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const pid_t self = getpid();
    if (fork() == 0) {
      const auto dropped = is_root() ? become(stranger, stranger) : shed_capabilities();
      const char word = dropped && limit_worker(self) ? 'y' : 'n';
      (void)!write(ends[1], &word, 1);
      while (true) pause();
    }
    while (true) pause();
  }
  close(ends[1]);
  char word = 'n';
  REQUIRE(read(ends[0], &word, 1) == 1);
  CHECK(word == 'y');
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  CHECK(read(ends[0], &word, 1) == 0);  // The end of the pipe: nobody holds its other end.
  close(ends[0]);
}

Ending after_forbidding(const std::function<int()>& steps) {
  return in_child([&] {
    if (!forbid_opening()) return 100;
    return steps();
  });
}

TEST_CASE("a worker that opens, connects, starts or signals anything afterwards dies") {
  CHECK(after_forbidding([] { return open("/etc/hostname", O_RDONLY); }).signal == SIGSYS);
  CHECK(after_forbidding([] { return open("/tmp", O_PATH); }).signal == SIGSYS);
  CHECK(after_forbidding([] { return socket(AF_UNIX, SOCK_STREAM, 0); }).signal == SIGSYS);
  CHECK(after_forbidding([] { return fork() == 0 ? 1 : 2; }).signal == SIGSYS);
  CHECK(after_forbidding([] { return kill(getppid(), 0); }).signal == SIGSYS);
  CHECK(after_forbidding([] { return setuid(0); }).signal == SIGSYS);
  CHECK(after_forbidding([] { return execl("/bin/true", "true", nullptr); }).signal == SIGSYS);
}

TEST_CASE("what parsing needs still works: open files, memory, exceptions and dates") {
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  const Ending ending = after_forbidding([&] {
    char byte = 0;
    if (pread(file, &byte, 1, 1) != 1 || byte != 'E') return 1;
    std::string large(std::size_t{8} << 20, 'x');
    if (large.back() != 'x') return 2;
    try {
      throw std::runtime_error{"expected"};
    } catch (const std::runtime_error&) {
      large.clear();
    }
    const time_t moment = 86400;
    tm parts{};
    return gmtime_r(&moment, &parts) != nullptr && parts.tm_mday == 2 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
  close(file);
}

}  // namespace
}  // namespace cfwarden
