#include "cfwarden/sweep/reader_walls.h"
#include "cfwarden/sweep/entry_opener.h"

#include "../host/in_child.h"
#include "../host/refused_call.h"
#include "../host/tree.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace cfwarden {
namespace {

Ending behind_walls(const std::function<int()>& steps, ReaderOutlets outlets = {}) {
  return in_child([&] {
    const int parent = getppid();
    if (!allow_only_reading(parent, outlets)) return 100;
    return steps();
  });
}

// Refused by an answer, or by the end of the process; not that the file is not there.
bool is_refused(const std::function<long()>& attempt) {
  const Ending ending = behind_walls([&] {
    if (attempt() >= 0) return 1;
    return errno == EACCES || errno == EPERM || errno == ENOSYS ? 0 : 2;
  });
  return ending.signal == SIGSYS || ending.exit_code == 0;
}

int open_at2(const char* path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags;
  how.mode = (flags & O_CREAT) != 0 ? 0600 : 0;
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

TEST_CASE("behind the walls every file can be read, whoever owns it and whatever its mode is") {
  if (needs_root()) return;
  Tree tree;
  const std::string closed = tree.directory("/closed", alice, 0);
  const std::string secret = tree.file("/closed/secret", mallory, 0);
  const Ending ending = behind_walls([&] {
    const int file = open(secret.c_str(), O_RDONLY | O_NOATIME | O_NOFOLLOW);
    char byte = 0;
    if (file < 0 || pread(file, &byte, 1, 0) != 1) return 2;
    return byte == 'i' ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("of the capabilities only those two are left that reading takes") {
  if (needs_root()) return;
  int report[2];
  REQUIRE(pipe(report) == 0);
  const pid_t reader = fork();
  if (reader == 0) {
    (void)!allow_only_reading(getppid(), {.report = report[1], .queue = -1});
    (void)!write(report[1], "x", 1);
    const timespec moment{60, 0};
    nanosleep(&moment, nullptr);
    _exit(0);
  }
  char byte = 0;
  REQUIRE(read(report[0], &byte, 1) == 1);
  std::ifstream status{"/proc/" + std::to_string(reader) + "/status"};
  std::map<std::string, std::string> told;
  for (std::string name, value; status >> name && std::getline(status, value);) told[name] = value;
  constexpr Capabilities kept = capability(CAP_DAC_READ_SEARCH) | capability(CAP_FOWNER);
  const auto number = [&](const char* name) { return std::stoull(told[name], nullptr, 16); };
  CHECK(told["Uid:"] == "\t65534\t65534\t65534\t65534");
  CHECK(told["Gid:"] == told["Uid:"]);
  CHECK(told["Groups:"].find_first_not_of(" \t") == std::string::npos);
  CHECK(number("CapPrm:") == kept);
  CHECK(number("CapEff:") == kept);
  CHECK(number("CapInh:") == 0);
  CHECK(number("CapAmb:") == 0);
  CHECK(number("CapBnd:") == 0);
  CHECK(number("NoNewPrivs:") == 1);
  CHECK(number("Seccomp:") == 2);
  kill(reader, SIGKILL);
  waitpid(reader, nullptr, 0);
  close(report[0]);
  close(report[1]);
}

TEST_CASE("an ordinary user reads what it may read anyway, and nothing else") {
  Tree tree;
  const std::string own = tree.file("/own", alice, 0400);
  const std::string other = tree.file("/other", mallory, 0400);
  if (geteuid() != 0) REQUIRE(chmod(other.c_str(), 0) == 0);
  const Ending ending = in_child([&] {
    if (is_root() && !become(alice, alice)) return 1;
    if (!allow_only_reading(getppid(), {})) return 2;
    if (open(own.c_str(), O_RDONLY | O_NOATIME) < 0) return 3;
    return open(other.c_str(), O_RDONLY) < 0 && errno == EACCES ? 0 : 4;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("nothing can be opened for writing, made, removed or changed, even what anybody may") {
  Tree tree;
  const std::string path = tree.file("/open", alice, 0666);
  const std::string directory = tree.directory("/open_directory", alice, 0777);
  const std::string inside = directory + "/new";
  const std::string link = tree.link("nowhere", "/link", alice);
  const timespec times[2] = {{0, 0}, {0, 0}};
  const char* const name = path.c_str();
  CHECK(is_refused([&] { return open(name, O_WRONLY); }));
  CHECK(is_refused([&] { return open(name, O_RDWR | O_NOATIME); }));
  CHECK(is_refused([&] { return open(name, O_RDONLY | O_TRUNC); }));
  CHECK(is_refused([&] { return open(inside.c_str(), O_RDONLY | O_CREAT, 0600); }));
  CHECK(is_refused([&] { return open(directory.c_str(), O_TMPFILE | O_RDWR, 0600); }));
  CHECK(is_refused([&] { return open_at2(name, O_WRONLY); }));
  CHECK(is_refused([&] { return open_at2(name, O_RDWR); }));
  CHECK(is_refused([&] { return open_at2(name, O_RDONLY | O_TRUNC); }));
  CHECK(is_refused([&] { return open_at2(inside.c_str(), O_RDWR | O_CREAT); }));
  CHECK(is_refused([&] { return truncate(name, 0); }));
  CHECK(is_refused([&] { return chmod(name, 0600); }));
  CHECK(is_refused([&] { return fchmod(open(name, O_RDONLY), 0600); }));
  CHECK(is_refused([&] { return chown(name, mallory, mallory); }));
  CHECK(is_refused([&] { return utimensat(AT_FDCWD, name, times, 0); }));
  CHECK(is_refused([&] { return futimens(open(name, O_RDONLY), times); }));
  CHECK(is_refused([&] { return setxattr(name, "user.x", "y", 1, 0); }));
  CHECK(is_refused([&] { return unlink(name); }));
  CHECK(is_refused([&] { return unlink(link.c_str()); }));
  CHECK(is_refused([&] { return rename(name, inside.c_str()); }));
  CHECK(is_refused([&] { return ::link(name, inside.c_str()); }));
  CHECK(is_refused([&] { return symlink("x", inside.c_str()); }));
  CHECK(is_refused([&] { return mkdir(inside.c_str(), 0700); }));
  CHECK(is_refused([&] { return mknod(inside.c_str(), S_IFIFO | 0600, 0); }));
  CHECK(is_refused([&] { return rmdir(directory.c_str()); }));
  CHECK(is_refused([&] { return fallocate(open(name, O_RDONLY), 0, 0, 10); }));
  struct stat status {};
  CHECK((stat(name, &status) == 0 && status.st_size == 8));
  CHECK((status.st_mode & 07777) == 0666);
}

TEST_CASE("nothing is started, traced, signalled, connected or mounted") {
  CHECK(is_refused([] { return fork(); }));
  CHECK(is_refused([] { return syscall(SYS_clone3, nullptr, 0); }));
  CHECK(is_refused([] { return execl("/bin/true", "true", nullptr); }));
  CHECK(is_refused([] { return ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr); }));
  CHECK(is_refused([] { return kill(getppid(), 0); }));
  CHECK(is_refused([] { return socket(AF_UNIX, SOCK_STREAM, 0); }));
  CHECK(is_refused([] { return socket(AF_INET, SOCK_STREAM, 0); }));
  CHECK(is_refused([] { return setuid(0); }));
  if (!under_sanitizer) CHECK(is_refused([] { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }));
  CHECK(is_refused([] { return syscall(SYS_mount, "x", "/", "tmpfs", 0, nullptr); }));
  CHECK(is_refused([] { return syscall(SYS_io_uring_setup, 1, nullptr); }));
  CHECK(is_refused([] { return syscall(SYS_ioctl, 0, 0, nullptr); }));
  CHECK(is_refused([] { return fcntl(0, F_SETLEASE, F_RDLCK); }));
  CHECK(is_refused([] { return prlimit(1, RLIMIT_NOFILE, nullptr, nullptr); }));
}

TEST_CASE("no memory becomes code") {
  if (under_sanitizer) return;
  CHECK(is_refused([] {
    return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? -1
               : 0;
  }));
}

TEST_CASE("written is only to the one outlet, and sent to the other") {
  if (under_sanitizer) return;
  int report[2];
  int queue[2];
  REQUIRE(pipe(report) == 0);
  REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, queue) == 0);
  const ReaderOutlets outlets{.report = report[1], .queue = queue[1]};
  const auto send_to = [](int socket) {
    char byte = 'x';
    iovec part{&byte, 1};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    return sendmsg(socket, &header, MSG_NOSIGNAL) == 1 ? 0 : 1;
  };
  CHECK(behind_walls([&] { return write(report[1], "x", 1) == 1 ? 0 : 1; }, outlets).exit_code ==
        0);
  CHECK(behind_walls([&] { return send_to(queue[1]); }, outlets).exit_code == 0);
  CHECK(behind_walls([&] { return write(queue[1], "x", 1) == 1 ? 0 : 1; }, outlets).signal ==
        SIGSYS);
  CHECK(behind_walls([&] { return write(2, "", 0) == 0 ? 0 : 1; }, outlets).signal == SIGSYS);
  CHECK(behind_walls([&] { return send_to(queue[0]); }, outlets).signal == SIGSYS);
  for (const int fd : {report[0], report[1], queue[0], queue[1]}) close(fd);
}

TEST_CASE("threads start, more than there are processors, and each has its memory") {
  const Ending ending = behind_walls([] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 40; ++i) {
      threads.emplace_back([] {
        for (std::size_t size = 16; size < (std::size_t{4} << 20); size *= 2) {
          const auto room = std::make_unique<char[]>(size);
          room[size - 1] = 'x';
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return 0;
  });
  CHECK(ending.signal == 0);
  CHECK(ending.exit_code == 0);
}

#if defined(__LP64__)
TEST_CASE("what openat2 is asked for is neither moved nor changed") {
  Tree tree;
  const std::string path = tree.file("/open", alice, 0644);
  const auto place = reinterpret_cast<std::uintptr_t>(ConfinedOpens::begin());
  const std::uintptr_t page = place & ~std::uintptr_t{4095};
  const auto ask = [&](std::uintptr_t how) {
    return syscall(SYS_openat2, AT_FDCWD, path.c_str(), how, sizeof(open_how));
  };
  CHECK(behind_walls([&] {
          return ask(place) >= 0 || errno == ELOOP || errno == EXDEV ? 0 : 1;
        }).exit_code == 0);
  // The same in the low half of the address.
  const Ending moved = behind_walls([&] {
    const std::uintptr_t other = page ^ (std::uintptr_t{1} << 36);
    void* const room = mmap(reinterpret_cast<void*>(other), 4096, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (room == MAP_FAILED) return 1;
    return ask(other + (place - page)) >= 0 ? 2 : 3;
  });
  CHECK(moved.signal == SIGSYS);
  constexpr long mseal = 462;
  if (syscall(mseal, 0, 0, 0) != 0) return;  // Before Linux 6.10.
  CHECK(behind_walls([&] {
          const bool is_changed =
              mprotect(reinterpret_cast<void*>(page), 4096, PROT_READ | PROT_WRITE) == 0;
          return is_changed ? 1 : 0;
        }).exit_code == 0);
}
#endif

TEST_CASE("the walls stand without Landlock, too") {
  Tree tree;
  const std::string path = tree.file("/open", alice, 0666);
  for (const int error : {ENOSYS, EOPNOTSUPP}) {
    CAPTURE(error);
    const Ending ending = in_child([&] {
      if (!refuse_call(SYS_landlock_create_ruleset, error)) return 1;
      const auto lock = allow_only_reading(getppid(), {});
      if (!lock || *lock != WriteLock::filter_alone) return 2;
      if (open(path.c_str(), O_RDONLY) < 0) return 4;
      return open(path.c_str(), O_WRONLY) < 0 ? 5 : 6;
    });
    CHECK(ending.signal == SIGSYS);
  }
}

TEST_CASE("openat2 opens what the walk asks it for, and nothing that is put elsewhere") {
  Tree tree;
  tree.file("/open", alice, 0666);
  const int directory = open(tree.at("").c_str(), O_PATH | O_DIRECTORY);
  const EntryOpener opener{directory};
  const Ending ending = behind_walls([&] {
    if (!opener.file(directory, "open", MountStep::stay)) return 2;
    if (!opener.directory(directory, ".", MountStep::stay)) return 3;
    open_how the_same{};
    the_same.flags = O_RDONLY;
    return syscall(SYS_openat2, directory, "open", &the_same, sizeof the_same) < 0 ? 4 : 5;
  });
  CHECK(ending.signal == SIGSYS);
  close(directory);
}

TEST_CASE("whose parent has gone reads nothing") {
  const Ending ending = in_child([] { return allow_only_reading(getppid() + 1, {}) ? 1 : 0; });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("another process of nobody can neither trace the reader nor look into its memory") {
  if (needs_root()) return;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t reader = fork();
  if (reader == 0) {
    const bool is_ready{allow_only_reading(getppid(), {.report = ready[1], .queue = -1})};
    (void)!write(ready[1], is_ready ? "y" : "n", 1);
    const timespec moment{60, 0};
    nanosleep(&moment, nullptr);
    _exit(0);
  }
  char word = 'n';
  REQUIRE(read(ready[0], &word, 1) == 1);
  CHECK(word == 'y');
  const Ending ending = in_child([&] {
    if (!become(nobody, nobody)) return 1;
    if (ptrace(PTRACE_ATTACH, reader, nullptr, nullptr) == 0) return 2;
    const std::string proc = "/proc/" + std::to_string(reader);
    return open((proc + "/mem").c_str(), O_RDONLY) < 0 && open((proc + "/fd").c_str(), O_RDONLY) < 0
               ? 0
               : 3;
  });
  CHECK(ending.exit_code == 0);
  kill(reader, SIGKILL);
  waitpid(reader, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace cfwarden
