#include "cfwarden/host/reader.h"

#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/syscall_filter.h"
#include "in_child.h"
#include "read_tree.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace cfwarden {
namespace {

using std::chrono::milliseconds;

Territory territory_of(std::uint32_t uid) {
  return {false, uid};
}

// Parsers for these tests. They answer through `problem`, which carries any printable text.
Examination repeat(std::string_view, std::string_view bytes, std::string_view) {
  Examination examination;
  examination.problem = bytes;
  return examination;
}
Examination count(std::string_view name, std::string_view bytes, std::string_view key) {
  Examination examination;
  examination.problem =
      std::string{name} + " " + std::to_string(bytes.size()) + " " + std::string{key};
  return examination;
}
bool is_bad(std::string_view bytes) {
  return bytes.starts_with("bad");
}

std::string said(const Reading& reading) {
  if (const auto* unread = std::get_if<Unread>(&reading)) return "unread: " + unread->why;
  return std::get<Examination>(reading).problem;
}

std::vector<std::string> read_all(const std::vector<Opened>& files, const WorkerTerms& terms) {
  std::vector<ReadRequest> requests;
  for (const Opened& file : files) requests.push_back({&file});
  std::vector<std::string> all;
  Losses losses;
  for (const Reading& reading : read_files(requests, "", losses, terms))
    all.push_back(said(reading));
  return all;
}

std::string read_one(const Opened& file, const WorkerTerms& terms = {.parse = repeat}) {
  Losses losses;
  return said(read_files(std::vector<ReadRequest>{{&file}}, "", losses, terms).at(0));
}

using Strings = std::vector<std::string>;

TEST_CASE("what a file holds reaches the parser, and the answers keep the order of the requests") {
  Tree tree;
  std::vector<Opened> files;
  files.push_back(opened(put(tree, "one", "first")));
  files.push_back(opened(put(tree, "two", "second")));
  files.push_back(opened(put(tree, "three", "")));
  CHECK(read_all(files, {.parse = repeat}) == Strings{"first", "second", ""});
}

TEST_CASE("the parser learns the last component of the name, and the key") {
  Tree tree;
  const Opened file = opened(put(tree, "cert.pem", "12345"));
  Losses losses;
  const auto readings =
      read_files(std::vector<ReadRequest>{{&file}}, "sesame", losses, {.parse = count});
  CHECK(said(readings.at(0)) == "cert.pem 5 sesame");
}

TEST_CASE("no requests need no worker") {
  Losses losses;
  CHECK(read_files({}, "", losses).empty());
}

TEST_CASE("more files than one worker takes are all read") {
  Tree tree;
  std::vector<Opened> files;
  for (int i = 0; i < 300; ++i) {
    files.push_back(opened(put(tree, std::to_string(i), "file " + std::to_string(i))));
  }
  const Strings all = read_all(files, {.parse = repeat});
  REQUIRE(all.size() == 300);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == "file " + std::to_string(i));
}

TEST_CASE("bytes that are already here are parsed as well") {
  CHECK(said(examine_in_worker("token", "abc", "key", {.parse = count})) == "token 3 key");
}

TEST_CASE("of a file that is too large, or mostly holes, one byte more than the cap is read") {
  Tree tree;
  const std::string sparse = put(tree, "cert.pem", "");
  REQUIRE(truncate(sparse.c_str(), off_t{8} << 40) == 0);
  CHECK(read_one(opened(sparse), {.parse = count}) == "cert.pem 65537 ");
  const std::string exact = put(tree, "token", std::string(65536, 'a'));
  CHECK(read_one(opened(exact), {.parse = count}) == "token 65536 ");
}

TEST_CASE("what is not a regular file, or no longer that file, is not opened") {
  Tree tree;
  const std::string path = put(tree, "fifo", "");
  REQUIRE(unlink(path.c_str()) == 0);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(read_one(opened(path)) == "unread: not the regular file that was looked at");

  Opened swapped = opened(put(tree, "swapped", "other"));
  swapped.facts.id.inode += 1;
  CHECK(read_one(swapped) == "unread: not the regular file that was looked at");
}

TEST_CASE("a lease is reported and not waited for") {
  Tree tree;
  const std::string path = put(tree, "leased", "content");
  const int holder = open(path.c_str(), O_RDWR | O_CLOEXEC);
  std::signal(SIGIO, SIG_IGN);  // By which the kernel asks for the lease back.
  const Opened file = opened(path);
  REQUIRE(fcntl(holder, F_SETLEASE, F_WRLCK) == 0);
  const auto before = std::chrono::steady_clock::now();
  CHECK(read_one(file) == "unread: another process holds a lease on it");
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds{5});
  close(holder);
  std::signal(SIGIO, SIG_DFL);
}

TEST_CASE("a file that never rests is reported as unstable, never with half of a change") {
  Tree tree;
  const std::string path = put(tree, "restless", std::string(60'000, 'a'));
  const Opened file = opened(path);
  const pid_t writer = fork();
  if (writer == 0) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    for (off_t size = 0;; size = (size + 997) % 60'000) (void)!ftruncate(fd, size);
  }
  int unstable = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string answer = read_one(file, {.parse = count});
    if (answer == "unread: changed while it was read") ++unstable;
  }
  kill(writer, SIGKILL);
  waitpid(writer, nullptr, 0);
  CHECK(unstable > 0);
}

// One parser after the other misbehaves at the file in the middle.
TEST_CASE("a parser that misbehaves costs the file it was at a reason, and no other file") {
  struct Misdeed {
    Examination (*parse)(std::string_view, std::string_view, std::string_view);
    const char* reason;
  };
  const Misdeed misdeeds[] = {
      {[](std::string_view, std::string_view bytes, std::string_view) {
         if (is_bad(bytes)) (void)open("/etc/hostname", O_RDONLY);
         return repeat("", bytes, "");
       },
       "unread: its parser made a forbidden system call"},
      {
          [](std::string_view, std::string_view bytes, std::string_view) {
            if (is_bad(bytes)) __builtin_trap();
            return repeat("", bytes, "");
          },
          "unread: its parser"  // A handler of the test framework may stand between.
      },
      {[](std::string_view, std::string_view bytes, std::string_view) {
         if (is_bad(bytes)) throw 1;
         return repeat("", bytes, "");
       },
       "unread: its worker failed"},
      {[](std::string_view, std::string_view bytes, std::string_view) {
         while (is_bad(bytes)) std::atomic_signal_fence(std::memory_order_seq_cst);
         return repeat("", bytes, "");
       },
       "unread: takes too long to read"},
      {[](std::string_view, std::string_view bytes, std::string_view) {
         if (is_bad(bytes)) _exit(0);
         return repeat("", bytes, "");
       },
       "unread: its worker failed"},
  };
  for (const Misdeed& misdeed : misdeeds) {
    CAPTURE(misdeed.reason);
    Tree tree;
    std::vector<Opened> files;
    for (const char* content : {"good", "fine", "bad", "well", "best"}) {
      files.push_back(opened(put(tree, content, content)));
    }
    const Strings all = read_all(files, {misdeed.parse, milliseconds{1500}});
    CHECK(all[0] == "good");
    CHECK(all[1] == "fine");
    CHECK(all[2].find(misdeed.reason) == 0);
    if (all[2] == "unread: takes too long to read") continue;  // All of the patience is used up.
    CHECK(all[3] == "well");
    CHECK(all[4] == "best");
  }
}

TEST_CASE("a parser that wants too much memory is stopped at its bound") {
  if (under_sanitizer) {
    MESSAGE("skipped: address space is not limited under sanitizers");
    return;
  }
  Tree tree;
  const Opened file = opened(put(tree, "bomb", "x"));
  const auto bomb = [](std::string_view, std::string_view, std::string_view) {
    std::string hoard;
    while (true) hoard.append(std::size_t{1} << 20, 'x');
    return Examination{};
  };
  CHECK(read_one(file, {.parse = bomb}) == "unread: takes more memory than a parser may have");
}

TEST_CASE("many hopeless files of one user waste the patience once, and cost the others nothing") {
  if (!is_root()) {
    MESSAGE("skipped: files of two users take root");
    return;
  }
  Tree tree;
  std::vector<Opened> files;
  for (int i = 0; i < 100; ++i) {
    files.push_back(opened(put_of(mallory, tree, std::to_string(i), "bad"), territory_of(mallory)));
  }
  files.push_back(opened(put_of(alice, tree, "alice", "fine"), territory_of(alice)));
  const auto parse = [](std::string_view, std::string_view bytes, std::string_view) {
    while (is_bad(bytes)) std::atomic_signal_fence(std::memory_order_seq_cst);
    return repeat("", bytes, "");
  };
  const auto before = std::chrono::steady_clock::now();
  const Strings all = read_all(files, {parse, milliseconds{1500}});
  CHECK(std::chrono::steady_clock::now() - before < milliseconds{15'000});
  for (std::size_t i = 0; i < 100; ++i) CHECK(all[i].find("unread: ") == 0);
  CHECK(all[100] == "fine");
}

TEST_CASE("who has wasted the patience of one call is not waited for in the next") {
  Tree tree;
  const Opened bad = opened(put(tree, "bad", "bad"));
  const Opened good = opened(put(tree, "good", "good"), territory_of(geteuid() + 1));
  const auto parse = [](std::string_view, std::string_view bytes, std::string_view) {
    while (is_bad(bytes)) std::atomic_signal_fence(std::memory_order_seq_cst);
    return repeat("", bytes, "");
  };
  Losses losses;
  const WorkerTerms terms{parse, milliseconds{300}};
  const auto read = [&](const Opened& file) {
    return said(read_files(std::vector<ReadRequest>{{&file}}, "", losses, terms).at(0));
  };
  CHECK(read(bad) == "unread: takes too long to read");
  CHECK(read(bad) == "unread: the worker for the files of this user failed too often");
  CHECK(read(good).find("failed too often") == std::string::npos);
}

TEST_CASE("a worker holds no stream through which a parser could forge output") {
  Tree tree;
  const Opened file = opened(put(tree, "file", "x"));
  const auto forge = [](std::string_view, std::string_view, std::string_view) {
    Examination examination;
    for (const int fd : {0, 1, 2, 3}) {
      const bool is_kept_for_sanitizers = under_sanitizer && fd == 2;
      const bool written = !is_kept_for_sanitizers && write(fd, "", 0) == 0;
      examination.problem += written ? "open " : "closed ";
    }
    return examination;
  };
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(ends[0] < 100);
  CHECK(read_one(file, {.parse = forge}).find("open") == std::string::npos);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("a worker that answers more than it was asked is not believed") {
  Tree tree;
  std::vector<Opened> files;
  files.push_back(opened(put(tree, "one", "x")));
  files.push_back(opened(put(tree, "two", "x")));
  const auto babble = [](std::string_view, std::string_view, std::string_view) {
    const std::string noise(4096, '\xff');
    for (int fd = 3; fd < 64; ++fd) (void)!write(fd, noise.data(), noise.size());
    return Examination{};
  };
  for (const std::string& answer : read_all(files, {.parse = babble})) {
    CHECK(answer == "unread: its worker answered nonsense");
  }
}

// Sends `signal` as `uid` to the children of `parent`, again and again.
pid_t start_sniper(pid_t parent, std::uint32_t uid, int signal) {
  const pid_t sniper = fork();
  if (sniper != 0) return sniper;
  if (is_root() && setresuid(uid, uid, uid) != 0) _exit(1);
  while (true) {
    DIR* directory = opendir("/proc");
    while (const dirent* entry = readdir(directory)) {
      const pid_t pid = std::atoi(entry->d_name);
      if (pid <= 0 || pid == getpid()) continue;
      std::ifstream stat{"/proc/" + std::string{entry->d_name} + "/stat"};
      std::string text;
      std::getline(stat, text);
      const std::size_t end = text.rfind(") ");
      if (end != std::string::npos && std::atoi(text.c_str() + end + 4) == parent) {
        kill(pid, signal);
      }
    }
    closedir(directory);
  }
}

TEST_CASE("a worker that its user kills or stops costs reasons and a bounded time") {
  struct Shot {
    int signal;
    const char* reason;
  };
  const auto slow = [](std::string_view, std::string_view bytes, std::string_view) {
    const auto end = std::chrono::steady_clock::now() + milliseconds{800};
    while (std::chrono::steady_clock::now() < end) {
    }
    return repeat("", bytes, "");
  };
  for (const Shot& shot : {Shot{SIGKILL, "unread: its worker was killed"},
                           Shot{SIGSTOP, "unread: takes too long to read"}}) {
    CAPTURE(shot.signal);
    Tree tree;
    const std::string path = put(tree, "file", "x");
    if (is_root()) REQUIRE(chown(path.c_str(), mallory, mallory) == 0);
    const Opened file = opened(path, territory_of(is_root() ? mallory : geteuid()));
    const pid_t sniper = start_sniper(getpid(), mallory, shot.signal);
    CHECK(read_one(file, {slow, milliseconds{1500}}) == shot.reason);
    kill(sniper, SIGKILL);
    waitpid(sniper, nullptr, 0);
  }
}

TEST_CASE("an interrupt ends the reading at once") {
  const Ending ending = in_child([] {
    Tree tree;
    const Opened file = opened(put(tree, "file", "bad"));
    const auto forever = [](std::string_view, std::string_view bytes, std::string_view) {
      while (is_bad(bytes)) std::atomic_signal_fence(std::memory_order_seq_cst);
      return Examination{};
    };
    watch_interrupts();
    const pid_t self = getpid();
    std::thread impatient{[self] {
      std::this_thread::sleep_for(milliseconds{100});
      kill(self, SIGINT);
    }};
    const auto before = std::chrono::steady_clock::now();
    const std::string answer = read_one(file, {.parse = forever});
    impatient.join();
    if (answer != "unread: stopped before it was read") return 1;
    return std::chrono::steady_clock::now() - before < milliseconds{3000} ? 0 : 2;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("in a user's directory root reads only what that user could open") {
  if (!is_root()) {
    MESSAGE("skipped: acting as another user takes root");
    return;
  }
  Tree tree;
  const Territory hers = territory_of(alice);
  const std::string denied = "unread: permission denied to uid 54321";
  CHECK(read_one(opened(put_of(alice, tree, "own", "hers"), hers)) == "hers");
  CHECK(read_one(opened(put_of(mallory, tree, "foreign", "his"), hers)) == denied);
  CHECK(read_one(opened(put(tree, "linked", "root's"), hers)) == denied);
  CHECK(read_one(opened(put(tree, "of-roots-group", "root's", 0640), hers)) == denied);
  CHECK(read_one(opened(put(tree, "public", "for all", 0644), hers)) == "for all");
  CHECK(read_one(opened(put(tree, "blocked", "x", 0044), territory_of(0))).find("unread: ") == 0);
}

TEST_CASE("the group that a request names is the one the worker has") {
  if (!is_root()) {
    MESSAGE("skipped: acting as another user takes root");
    return;
  }
  Tree tree;
  const std::string path = put(tree, "shared", "for the group", 0640);
  REQUIRE(chown(path.c_str(), 0, mallory) == 0);
  const Opened file = opened(path, territory_of(alice));
  Losses losses;
  CHECK(said(read_files(std::vector<ReadRequest>{{&file, mallory}}, "", losses, {.parse = repeat})
                 .at(0)) == "for the group");
  CHECK(said(read_files(std::vector<ReadRequest>{{&file, alice}}, "", losses, {.parse = repeat})
                 .at(0)) == "unread: permission denied to uid 54321");
}

TEST_CASE("a user at the limit of processes does not keep root from reading") {
  if (!is_root()) {
    MESSAGE("skipped: acting as another user takes root");
    return;
  }
  Tree tree;
  const Opened file = opened(put_of(alice, tree, "own", "hers"), territory_of(alice));
  const pid_t busy = fork();
  if (busy == 0) {
    if (setresuid(alice, alice, alice) != 0) _exit(1);
    while (true) pause();
  }
  const Ending ending = in_child([&] {
    const rlimit one{1, 1};
    if (setrlimit(RLIMIT_NPROC, &one) != 0) return 1;
    return read_one(file) == "hers" ? 0 : 2;
  });
  kill(busy, SIGKILL);
  waitpid(busy, nullptr, 0);
  CHECK(ending.exit_code == 0);
}

TEST_CASE("an ordinary user reads with no more rights than before") {
  Tree tree;
  const Opened own =
      opened(is_root() ? put_of(alice, tree, "own", "mine") : put(tree, "own", "mine"));
  const Ending ending = in_child([&] {
    if (is_root() && !become(alice, alice)) return 1;
    if (read_one(own) != "mine") return 2;
    const std::string denied = "unread: permission denied to uid " + std::to_string(geteuid());
    const int shadow = open("/etc/shadow", O_PATH | O_CLOEXEC);
    if (shadow < 0) return 3;
    close(shadow);
    return read_one(opened("/etc/shadow")) == denied ? 0 : 4;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("the right to read everything is not lent to what a user has linked into a directory") {
  if (!is_root()) {
    MESSAGE("skipped: giving a process CAP_DAC_READ_SEARCH takes root");
    return;
  }
  Tree tree;
  const Opened trusted = opened(put(tree, "trusted", "root's"));
  const Opened linked = opened(put(tree, "linked", "root's"), territory_of(alice));
  const Opened hers = opened(put_of(alice, tree, "own", "hers"), territory_of(alice));
  const Ending ending = in_child([&] {
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return 1;
    if (setresgid(mallory, mallory, mallory) != 0) return 2;
    if (setresuid(mallory, mallory, mallory) != 0) return 2;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2] = {};
    sets[0].permitted = sets[0].effective = 1U << CAP_DAC_READ_SEARCH;
    if (syscall(SYS_capset, &header, sets) != 0) return 3;
    if (read_one(trusted) != "root's") return 4;
    if (read_one(hers) != "hers") return 5;
    return read_one(linked) == "unread: permission denied to uid 54321" ? 0 : 6;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("files are read by a hardened and confined supervisor, too") {
  Tree tree;
  const Opened file = opened(put(tree, "file", "content"));
  const Ending ending = in_child([&] {
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || !confine_supervisor()) return 1;
    return read_one(file) == "content" ? 0 : 2;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("without a filter nothing is parsed, and every file says so") {
  Tree tree;
  const Opened file = opened(put(tree, "file", "content"));
  const Ending ending = in_child([&] {
    constexpr int prctl_call = static_cast<int>(SYS_prctl);
    if (!confine_supervisor()) return 1;
    // A kernel without seccomp refuses the call, as this filter does.
    const int refused[] = {prctl_call};
    if (!install_filter(Filter::not_these, refused)) return 2;
    return read_one(file).find("unread: no sandbox to read it in: ") == 0 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

}  // namespace
}  // namespace cfwarden
