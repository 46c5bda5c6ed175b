// What the user as whom the worker acts can do against it, and the races that user can make.
#include "cfwarden/mend/owner_worker.h"

#include "cfwarden/host/sandbox.h"
#include "mended_tree.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <new>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

namespace cfwarden {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// A uid that no other test has processes of.
constexpr std::uint32_t oscar = 54377;

// A process of oscar's that does the same again and again until the end of the test.
class Meddler {
 public:
  template <class Steps>
  explicit Meddler(const Steps& steps) : pid_{fork()} {
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (setgid(oscar) == 0 && setuid(oscar) == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      while (true) steps();
    }
    _exit(1);
  }
  Meddler(const Meddler&) = delete;
  Meddler& operator=(const Meddler&) = delete;
  ~Meddler() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

std::string oscars_file(Tree& tree) {
  tree.directory("/home");
  tree.directory("/home/oscar", oscar);
  tree.file("/home/oscar/token", oscar, 0644);
  return "/home/oscar/token";
}

// Whether the outcome that was told is the one that is on the disk.
bool is_true(const ChangeResult& result, const Attributes& before, const Attributes& after,
             const Attributes& now) {
  if (std::holds_alternative<Untouched>(result)) return now == before;
  if (std::holds_alternative<Changed>(result)) return now == after;
  return std::get<HalfChanged>(result).now == now;
}

TEST_CASE("a worker that its user stops or kills costs its time, and what is told is true") {
  if (needs_root()) return;
  Tree tree;
  const std::string path = oscars_file(tree);
  const Attributes after = plain(0600, oscar, oscar);
  for (const int signal : {SIGSTOP, SIGKILL}) {
    CAPTURE(signal);
    const Meddler meddler{[&] { kill(-1, signal); }};
    int hit = 0;
    const auto deadline = steady_clock::now() + seconds{10};
    for (int i = 0; hit < 3 && steady_clock::now() < deadline; ++i) {
      REQUIRE(chmod(tree.at(path).c_str(), 0644) == 0);
      const Looked token = looked(tree.path(), path);
      const auto begun = steady_clock::now();
      const ChangeResult result = token.change_to(after, Direction::tighten, milliseconds{200});
      CHECK(steady_clock::now() - begun < seconds{2});
      CHECK(is_true(result, token.expected.attributes, after, token.present()));
      if (told(result).find("its worker was") != std::string::npos) ++hit;
    }
    CHECK(hit == 3);
  }
}

TEST_CASE("signals that a user could send, or a terminal, do not stop the worker half-way") {
  if (needs_root()) return;
  Tree tree;
  const std::string path = oscars_file(tree);
  const Meddler meddler{[] {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGALRM}) kill(-1, signal);
  }};
  for (int i = 0; i < 100; ++i) {
    REQUIRE(chmod(tree.at(path).c_str(), 0644) == 0);
    const ChangeResult result = looked(tree.path(), path).change_to(plain(0600, oscar, oscar));
    CHECK(told(result) == "changed");
  }
}

struct Sight {
  std::atomic<pid_t> parent{0};
  std::atomic<bool> seen{false};
  bool has_ids = false;
  bool has_groups = true;
  bool has_capabilities = true;
  bool may_gain = true;
  bool is_roots = false;  // As what is not dumpable is.
  std::size_t descriptors = 0;
};

std::string field(const std::string& status, const std::string& name) {
  const auto begin = status.find("\n" + name + ":");
  if (begin == std::string::npos) return "?";
  const auto text = begin + name.size() + 2;
  return status.substr(text, status.find('\n', text) - text);
}

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(directory);
  return names;
}

// Of the first child of the parent that has become oscar.
bool look_at_worker(Sight& sight) {
  for (const std::string& name : names_in("/proc")) {
    const std::string place = "/proc/" + name;
    // Until its limits are set it is still becoming oscar.
    if (text_of(place + "/limits").find("Max open files            0 ") == std::string::npos) {
      continue;
    }
    const std::string status = text_of(place + "/status");
    if (field(status, "PPid") != "\t" + std::to_string(sight.parent)) continue;
    const std::string ids = "\t54377\t54377\t54377\t54377";
    if (field(status, "Uid") != ids) continue;
    struct stat owner {};
    sight.is_roots = stat((place + "/mem").c_str(), &owner) == 0 && owner.st_uid == 0;
    sight.has_ids = field(status, "Gid") == ids;
    sight.has_groups = field(status, "Groups").find_first_not_of("\t ") != std::string::npos;
    sight.has_capabilities = field(status, "CapPrm") != "\t0000000000000000";
    sight.may_gain = field(status, "NoNewPrivs") != "\t1";
    sight.descriptors = names_in(place + "/fd").size();
    return true;
  }
  return false;
}

TEST_CASE("the worker is its user for good, holds the object and a pipe, and is not dumpable") {
  if (needs_root()) return;
  Tree tree;
  const std::string path = oscars_file(tree);
  void* shared =
      mmap(nullptr, sizeof(Sight), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  Sight& sight = *new (shared) Sight;
  sight.parent = getpid();
  const pid_t watcher = fork();
  if (watcher == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto deadline = steady_clock::now() + seconds{20};
    while (!sight.seen && steady_clock::now() < deadline) {
      if (look_at_worker(sight)) sight.seen = true;
    }
    _exit(0);
  }
  // Long enough to be looked at.
  const Looked token = looked(tree.path(), path);
  std::vector<Step> steps;
  for (unsigned i = 0; i < 400'000; ++i) steps.push_back(ModeStep{i % 2 == 0 ? 0600U : 0644U});
  const OwnersAnswer answer = take_steps_as_owner({.uid = oscar,
                                                   .gid = oscar,
                                                   .object = *token.object.descriptor,
                                                   .expected = token.expected,
                                                   .steps = steps});
  CHECK(answer.taken.why == "");
  CHECK(answer.taken.count == steps.size());
  waitpid(watcher, nullptr, 0);
  REQUIRE(sight.seen);
  CHECK(sight.has_ids);
  CHECK_FALSE(sight.has_groups);
  CHECK_FALSE(sight.has_capabilities);
  CHECK_FALSE(sight.may_gain);
  CHECK(sight.is_roots);
  CHECK(sight.descriptors == (under_sanitizer ? 3 : 2));  // Whose report goes to stderr.
  munmap(shared, sizeof(Sight));
}

struct Swaps {
  std::atomic<std::size_t> count{0};
  std::atomic<bool> stop{false};
};

void exchange(const std::string& one, const std::string& other, Swaps& swaps) {
  for (int i = 0; i < 7; ++i) {
    const long failed =
        syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
    if (failed == 0) ++swaps.count;
  }
}

// Oscar's file takes turns with a link to root's file, with a file of root's that came there by a
// hard link, and its directory with a link to root's.
void swap_until_stopped(const Tree& tree, Swaps& swaps) {
  const std::string token = tree.at("/home/oscar/sub/token");
  while (!swaps.stop) {
    exchange(token, tree.at("/home/oscar/sub/link"), swaps);
    exchange(token, tree.at("/home/oscar/sub/roots"), swaps);
    exchange(tree.at("/home/oscar/sub"), tree.at("/home/oscar/evil"), swaps);
  }
}

struct Tally {
  std::size_t changed = 0;
  std::size_t refused = 0;  // Opened, and then not changed.
  std::size_t closed = 0;   // Not even opened.
};

// There and back, as often as it takes.
void change_once(const Tree& tree, bool tighten, Tally& tally) {
  const auto opener = Opener::at(tree.path());
  const auto object = opener->open("/home/oscar/sub/token");
  if (!object) {
    ++tally.closed;
    return;
  }
  const Expected expected{.id = object->facts.id,
                          .type = object->facts.type,
                          .attributes = attributes_in(object->facts)};
  Attributes after = expected.attributes;
  after.permissions.mode = tighten ? after.permissions.mode & 0600 : 0666;
  const ChangeResult result =
      change({.opener = *opener,
              .object = *object,
              .expected = expected,
              .after = after,
              .direction = tighten ? Direction::tighten : Direction::restore});
  ++(std::holds_alternative<Untouched>(result) ? tally.refused : tally.changed);
}

TEST_CASE("in a hundred thousand swaps no file of root's is ever changed") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/home");
  tree.directory("/home/oscar", oscar);
  tree.directory("/home/oscar/sub", oscar);
  tree.file("/home/oscar/sub/token", oscar, 0644);
  tree.file("/home/oscar/sub/roots", 0, 0644);  // Its other name is gone by now.
  tree.directory("/victim");
  const std::string victim = tree.file("/victim/token", 0, 0644);
  tree.link("/victim/token", "/home/oscar/sub/link", oscar);
  tree.link("/victim", "/home/oscar/evil", oscar);
  const Descriptor roots{open(tree.at("/home/oscar/sub/roots").c_str(), O_PATH | O_CLOEXEC)};
  struct stat before {};
  REQUIRE(lstat(victim.c_str(), &before) == 0);
  void* shared =
      mmap(nullptr, sizeof(Swaps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  Swaps& swaps = *new (shared) Swaps;
  const pid_t swapper = fork();
  if (swapper == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (setgid(oscar) == 0 && setuid(oscar) == 0) swap_until_stopped(tree, swaps);
    _exit(0);
  }
  Tally tally;
  std::size_t differing = 0;
  const auto deadline = steady_clock::now() + seconds{15};
  for (std::size_t i = 0; swaps.count < 100'000 || i < 1'000; ++i) {
    if (steady_clock::now() > deadline) break;
    change_once(tree, i % 2 == 0, tally);
    struct stat now {};
    if (fstat(roots.get(), &now) != 0 || (now.st_mode & 07777) != 0644 || now.st_uid != 0) {
      ++differing;
    }
  }
  swaps.stop = true;
  waitpid(swapper, nullptr, 0);
  MESSAGE(swaps.count.load() << " swaps, " << tally.changed << " changed, " << tally.refused
                             << " refused, " << tally.closed << " not opened");
  CHECK(swaps.count >= 100'000);
  CHECK(tally.changed > 0);
  CHECK(tally.refused > 0);
  CHECK(differing == 0);
  struct stat now {};
  REQUIRE(lstat(victim.c_str(), &now) == 0);
  CHECK(now.st_mode == before.st_mode);
  CHECK(now.st_uid == before.st_uid);
  CHECK(now.st_ctim.tv_sec == before.st_ctim.tv_sec);
  CHECK(now.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
  munmap(shared, sizeof(Swaps));
}

}  // namespace
}  // namespace cfwarden
