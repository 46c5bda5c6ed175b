#include "cfwarden/host/process.h"

#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/syscall_filter.h"
#include "in_child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace cfwarden {
namespace {

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

bool is_null_device(int fd) {
  struct stat found {};
  struct stat null {};
  return fstat(fd, &found) == 0 && stat("/dev/null", &null) == 0 && found.st_rdev == null.st_rdev;
}

TEST_CASE("a hardened process has its standard streams and no other descriptor") {
  const Ending ending = in_child([] {
    close(1);
    const int low = open("/etc/passwd", O_RDONLY);
    const int high = fcntl(low, F_DUPFD, 900);
    close(low);
    close(0);
    harden_process();
    if (!is_null_device(0) || !is_null_device(1)) return 1;
    if (!is_open(2)) return 2;
    for (int fd = 3; fd <= high; ++fd) {
      if (is_open(fd)) return 3;
    }
    return 0;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a hardened process leaves no core, cannot be traced, and creates private files") {
  const Ending ending = in_child([] {
    harden_process();
    rlimit core{};
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0) return 1;
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 2;
    if (umask(0) != 077) return 3;
    std::abort();
  });
  CHECK(ending.signal == SIGABRT);
  CHECK_FALSE(ending.core);
}

TEST_CASE("a hardened process outlives a reader that goes away, and can wait for its children") {
  const Ending ending = in_child([] {
    signal(SIGCHLD, SIG_IGN);
    harden_process();
    int ends[2];
    if (pipe(ends) != 0) return 1;
    close(ends[0]);
    if (write(ends[1], "x", 1) != -1 || errno != EPIPE) return 2;
    return in_child([] { return 7; }).exit_code == 7 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("root forgets what its caller's environment says, an ordinary user keeps it") {
  const Ending ending = in_child([] {
    for (const char* name : {"HOME", "XDG_CONFIG_HOME", "TMPDIR", "LOCPATH", "CFWARDEN_RULES",
                             "OPENSSL_CONF", "CFWARDEN_CONFIG"}) {
      setenv(name, "/home/mallory", 1);
    }
    setenv("LANG", "C.UTF-8", 1);
    harden_process();
    if (getenv("LANG") == nullptr) return 1;
    for (const char* name : {"HOME", "XDG_CONFIG_HOME", "TMPDIR", "LOCPATH", "CFWARDEN_RULES",
                             "OPENSSL_CONF", "CFWARDEN_CONFIG"}) {
      if ((getenv(name) == nullptr) != is_root()) return 2;
    }
    return 0;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("root gives up its other groups and can still look users up") {
  if (!is_root()) {
    MESSAGE("skipped: groups are given up by root only");
    return;
  }
  const Ending ending = in_child([] {
    const gid_t groups[] = {4, 27};
    if (setgroups(2, groups) != 0) return 1;
    harden_process();
    if (getgroups(0, nullptr) != 0) return 2;
    return getpwuid(0) != nullptr ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("descriptors are closed where the kernel has no close_range, too") {
  for (const bool refused : {false, true}) {
    CAPTURE(refused);
    const Ending ending = in_child([&] {
      constexpr std::array call{static_cast<int>(SYS_close_range)};
      if (refused && !install_filter(Filter::not_these, call)) return 1;
      const int first = open("/dev/null", O_RDONLY);
      const int second = fcntl(first, F_DUPFD, first + 1);
      const int third = fcntl(first, F_DUPFD, 800);
      const std::array kept{0, second};
      close_all_but(kept);
      if (!is_open(0) || !is_open(second)) return 2;
      return is_open(1) || is_open(2) || is_open(first) || is_open(third) ? 3 : 0;
    });
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("a confined supervisor has no network, no programs, no tracing, no mounts") {
  const Ending ending = in_child([] {
    if (!confine_supervisor()) return 1;
    if (socket(AF_INET, SOCK_STREAM, 0) != -1 || errno != EPERM) return 2;
    if (socket(AF_UNIX, SOCK_STREAM, 0) != -1 || errno != EPERM) return 3;
    if (execl("/bin/true", "true", nullptr) != -1 || errno != EPERM) return 4;
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != -1 || errno != EPERM) return 5;
    if (mount("none", "/mnt", "tmpfs", 0, nullptr) != -1 || errno != EPERM) return 6;
    if (syscall(SYS_bpf, 0, nullptr, 0) != -1 || errno != EPERM) return 7;
    if (syscall(SYS_keyctl, 0, 0, 0, 0, 0) != -1 || errno != EPERM) return 8;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 9;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a confined supervisor can still start workers and put reports in their place") {
  char directory[] = "/tmp/cfwarden-process-XXXXXX";
  REQUIRE(mkdtemp(directory) != nullptr);
  const std::string before = std::string{directory} + "/report.part";
  const std::string after = std::string{directory} + "/report";
  const Ending ending = in_child([&] {
    if (!confine_supervisor()) return 1;
    const Ending worker = in_child([] {
      if (is_root() && !become(54321, 54321)) return 1;
      if (!forbid_opening()) return 2;
      return open("/etc/hostname", O_RDONLY) >= 0 ? 3 : 4;
    });
    if (worker.signal != SIGSYS) return 2;
    const int file = open(before.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (file < 0 || fsync(file) != 0) return 3;
    return rename(before.c_str(), after.c_str()) == 0 ? 0 : 4;
  });
  CHECK(ending.exit_code == 0);
  CHECK(unlink(after.c_str()) == 0);
  rmdir(directory);
}

TEST_CASE("the machine's own /proc is genuine") {
  CHECK(proc_is_genuine());
}

TEST_CASE("a /proc that is another file system, or a part of procfs, is not genuine") {
  if (!is_root()) {
    MESSAGE("skipped: mounting over /proc takes root");
    return;
  }
  constexpr int no_namespaces = 77;
  for (const bool part : {false, true}) {
    CAPTURE(part);
    const Ending ending = in_child([&] {
      if (unshare(CLONE_NEWNS) != 0) return no_namespaces;
      if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 1;
      const int mounted = part ? mount("/proc/sys", "/proc", nullptr, MS_BIND, nullptr)
                               : mount("none", "/proc", "tmpfs", 0, nullptr);
      if (mounted != 0) return 2;
      return proc_is_genuine() ? 3 : 0;
    });
    if (ending.exit_code == no_namespaces) {
      MESSAGE("skipped: no mount namespaces here");
      return;
    }
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("capabilities are those in effect") {
  CHECK_FALSE(has_capability(-1));
  CHECK_FALSE(has_capability(64));
  const Ending ending = in_child([] {
    if (is_root() && !has_capability(CAP_SETUID)) return 1;
    if (!shed_capabilities()) return 2;
    return has_capability(CAP_SETUID) ? 3 : 0;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("an interrupt is noted instead of ending the process") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const Ending ending = in_child([&] {
      watch_interrupts();
      if (interrupted()) return 1;
      raise(signal);
      return interrupted() ? 0 : 2;
    });
    CHECK(ending.exit_code == 0);
  }
}

}  // namespace
}  // namespace cfwarden
