#include "cfwarden/sweep/content_sweep.h"

#include "../host/in_child.h"
#include "../host/refused_call.h"
#include "../host/tree.h"
#include "cfwarden/host/invented.h"
#include "cfwarden/host/sandbox.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace cfwarden {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string uuid = "6f1b2c3d-1111-4222-8333-444455556666";

std::string token_of(std::string_view name) {
  return invented_token(uuid, invented_secret(name));
}

ContentSweepRequest request_for(const Tree& tree) {
  return {.options = {.paths = {tree.path()}, .threads = 4}, .terms = {.beat = milliseconds{5}}};
}

ContentSweep swept(const ContentSweepRequest& request) {
  auto done = sweep_contents(request);
  REQUIRE(done);
  return std::move(*done);
}

std::vector<std::string> found_in(const ContentSweep& done, const Tree& tree) {
  std::vector<std::string> paths;
  for (const FoundFile& file : done.found) paths.push_back(file.path.substr(tree.path().size()));
  return paths;
}

std::map<std::string, std::string> gaps_in(const ContentSweep& done, const Tree& tree) {
  std::map<std::string, std::string> gaps;
  for (const Gap& gap : done.gaps) gaps[gap.path.substr(tree.path().size())] = gap.why;
  return gaps;
}

using Paths = std::vector<std::string>;

// In the sweeper. Only what it may call all the time.
void sleep_for_ever() {
  const timespec moment{1, 0};
  while (true) nanosleep(&moment, nullptr);
}

std::vector<pid_t> children() {
  std::ifstream list{"/proc/self/task/" + std::to_string(gettid()) + "/children"};
  std::vector<pid_t> found;
  for (pid_t pid = 0; list >> pid;) found.push_back(pid);
  return found;
}

TEST_CASE("what announces a credential is found, decoded and told with the file it stood in") {
  Tree tree;
  tree.directory("/d");
  const std::string path = tree.file("/d/.env", 0, 0600, "A=1\nTUNNEL_TOKEN=" + token_of("a"));
  tree.file("/history", 0, 0644, "cloudflared service install " + token_of("b") + "\n");
  tree.file("/notes", 0, 0644, "nothing to be found\n");
  for (const unsigned threads : {1U, 4U}) {
    CAPTURE(threads);
    ContentSweepRequest request = request_for(tree);
    request.options.threads = threads;
    const ContentSweep done = swept(request);
    CHECK(found_in(done, tree) == Paths{"/d/.env", "/history"});
    CHECK(done.gaps.empty());
    CHECK_FALSE(done.stopped);
    CHECK(done.names.empty());
    CHECK(done.pace.files == 3);
    REQUIRE(done.found.size() == 2);
    CHECK(done.found[0].id.inode == inode_of(path));
    REQUIRE(done.found[0].found.size() == 1);
    CHECK(done.found[0].found[0].line == 2);
    CHECK(done.found[0].found[0].credential.scope.tunnel == uuid);
  }
}

TEST_CASE("archives, and text that says it is in UTF-16, are handed over without a hit") {
  Tree tree;
  tree.file("/text", 0, 0644, "x=" + token_of("a"));
  REQUIRE(std::system(("cd " + tree.path() +
                       " && gzip -k text && iconv -f ASCII -t UTF-16 text >"
                       " wide && rm text")
                          .c_str()) == 0);
  const ContentSweep done = swept(request_for(tree));
  CHECK(found_in(done, tree) == Paths{"/text.gz", "/wide"});
  REQUIRE(done.found.size() == 2);
  CHECK(done.found[0].found[0].member == "text");
  CHECK(done.gaps.empty());
}

TEST_CASE("an anchor across the border of two reads, in a large file too, is seen") {
  Tree tree;
  const std::string token = token_of("a");
  for (const std::size_t border : {std::size_t{256} << 10, std::size_t{12} << 20}) {
    for (const std::size_t before : {1U, 5U, 11U}) {
      std::string text(border - before, '.');
      text += token + "\n";
      text.resize(text.size() + 100'000, '.');
      tree.file("/" + std::to_string(border) + "-" + std::to_string(before), 0, 0644, text);
    }
  }
  CHECK(swept(request_for(tree)).found.size() == 6);
}

TEST_CASE("root reads what is closed to everybody else") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/home", alice, 0700);
  tree.directory("/home/deep", alice, 0);
  tree.file("/home/deep/secret", mallory, 0600, token_of("a"));
  tree.file("/home/none", alice, 0, token_of("b"));
  const ContentSweep done = swept(request_for(tree));
  CHECK(found_in(done, tree) == Paths{"/home/deep/secret", "/home/none"});
  CHECK(done.gaps.empty());
}

TEST_CASE("an ordinary user is told what it could not read") {
  Tree tree;
  tree.directory("/open", alice, 0755);
  tree.file("/open/own", alice, 0600, token_of("a"));
  tree.file("/open/foreign", mallory, 0600, token_of("b"));
  if (geteuid() != 0) REQUIRE(chmod(tree.at("/open/foreign").c_str(), 0) == 0);
  const Ending ending = in_child([&] {
    if (is_root() && !become(alice, alice)) return 1;
    const auto done = sweep_contents(request_for(tree));
    if (!done || found_in(*done, tree) != Paths{"/open/own"}) return 2;
    const auto gaps = gaps_in(*done, tree);
    return gaps.size() == 1 && gaps.begin()->first == "/open/foreign" ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

std::int64_t accessed(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_atim.tv_sec;
}

TEST_CASE("no time of access changes, of files or of directories, whoever owns them") {
  Tree tree;
  const std::string directory = tree.directory("/d", alice, 0755);
  const Paths paths{tree.path(), directory, tree.file("/d/own", 0, 0600, token_of("a")),
                    tree.file("/d/alices", alice, 0600, token_of("b")),
                    tree.file("/d/plain", alice, 0644, "plain")};
  // Older than their change: then even a file system that is sparing with times would note it.
  const timespec times[2] = {{1'000'000, 0}, {2'000'000, 0}};
  for (const std::string& path : paths) REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  CHECK(swept(request_for(tree)).found.size() == 2);
  for (const std::string& path : paths) {
    CAPTURE(path);
    CHECK(accessed(path) == 1'000'000);
  }
  // That it would have been noted, the plain reading of a file shows.
  std::ifstream{paths.back()}.get();
  CHECK(accessed(paths.back()) != 1'000'000);
}

TEST_CASE("a sweep of names tells paths, sorted, and opens no file") {
  Tree tree;
  tree.directory("/d");
  for (const char* name : {"/d/cert.pem", "/d/token", "/a-token.bak", "/other", "/d/config.yml"})
    tree.file(name);
  tree.link("/d/token", "/token");
  tree.directory("/cert.pem");
  tree.file("/6f1b2c3d-1111-4222-8333-444455556666.json", alice, 0);
  // Whoever opened it would break the lease.
  const int leased = open(tree.at("/d/token").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(fcntl(leased, F_SETLEASE, F_WRLCK) == 0);
  ContentSweepRequest request = request_for(tree);
  request.part = SweptPart::names;
  const ContentSweep done = swept(request);
  CHECK(fcntl(leased, F_GETLEASE) == F_WRLCK);
  close(leased);
  CHECK(done.names == Paths{tree.at("/6f1b2c3d-1111-4222-8333-444455556666.json"),
                            tree.at("/a-token.bak"), tree.at("/d/cert.pem"), tree.at("/d/token")});
  CHECK(done.pace.files == 0);
  CHECK(done.found.empty());
  CHECK(done.gaps.empty());
}

TEST_CASE("what is excluded is neither told nor read, and is no gap") {
  Tree tree;
  tree.directory("/kept");
  tree.directory("/left_out", 0, 0);
  tree.file("/kept/a", 0, 0600, token_of("a"));
  tree.file("/kept/b", 0, 0600, token_of("b"));
  ContentSweepRequest request = request_for(tree);
  request.excluded = [](std::string_view path) {
    return path.ends_with("/left_out") || path.ends_with("/b");
  };
  const ContentSweep done = swept(request);
  CHECK(found_in(done, tree) == Paths{"/kept/a"});
  CHECK(done.gaps.empty());
}

TEST_CASE("FIFOs, sockets and devices are passed by, and a lease is a gap") {
  Tree tree;
  REQUIRE(mkfifo(tree.at("/fifo").c_str(), 0666) == 0);
  if (is_root()) REQUIRE(mknod(tree.at("/null").c_str(), S_IFCHR | 0666, 0x103) == 0);
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  tree.at("/socket").copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  tree.file("/file", 0, 0600, token_of("a"));
  tree.file("/leased", 0, 0600, token_of("b"));
  // In another process: the kernel tells the holder of a lease by a signal.
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t holder = fork();
  if (holder == 0) {
    std::signal(SIGIO, SIG_IGN);
    const int leased = open(tree.at("/leased").c_str(), O_RDWR);
    const bool is_held = fcntl(leased, F_SETLEASE, F_WRLCK) == 0;
    (void)!write(ready[1], is_held ? "y" : "n", 1);
    while (true) pause();
  }
  char word = 'n';
  REQUIRE(read(ready[0], &word, 1) == 1);
  REQUIRE(word == 'y');
  const ContentSweep done = swept(request_for(tree));
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  for (const int fd : {ready[0], ready[1], listening}) close(fd);
  CHECK(found_in(done, tree) == Paths{"/file"});
  CHECK(gaps_in(done, tree) ==
        std::map<std::string, std::string>{{"/leased", "another process holds a lease on it"}});
}

// A tree whose sweep comes to a stand at a directory, with something to be found before it.
struct HaltingTree {
  Tree tree;
  ContentSweepRequest request;

  HaltingTree() {
    tree.file("/found", 0, 0600, token_of("a"));
    tree.directory("/halt");
    request = request_for(tree);
    request.options.threads = 1;
    request.options.paths = {tree.at("/found"), tree.at("/halt")};
  }

  // Why it was, as is told at each of the paths.
  std::string cut_off(const ContentSweep& done) const {
    const std::string words = "the sweep was cut off: its sweeper ";
    Paths paths;
    std::string why;
    for (const Gap& gap : done.gaps) {
      if (!gap.why.starts_with(words)) continue;
      paths.push_back(gap.path.substr(tree.path().size()));
      why = gap.why.substr(words.size(), gap.why.find(';') - words.size());
    }
    CHECK(paths == Paths{"/found", "/halt"});
    return why;
  }
};

TEST_CASE("a sweeper that is killed leaves a gap at each of its paths, and what it found") {
  HaltingTree halting;
  halting.tree.file("/halt/inside");
  halting.request.excluded = [](std::string_view path) {
    if (path.ends_with("/inside")) sleep_for_ever();
    return false;
  };
  std::uint64_t beats = 0;
  halting.request.progress = [&](const SweepPace&) {
    if (++beats == 20) kill(children().front(), SIGKILL);
  };
  const ContentSweep done = swept(halting.request);
  CHECK_FALSE(done.stopped);
  CHECK(halting.cut_off(done) == "was killed");
  CHECK(found_in(done, halting.tree) == Paths{"/found"});
}

TEST_CASE("a sweeper that is stopped, or hangs, is killed when its patience is over") {
  HaltingTree halting;
  halting.tree.file("/halt/inside");
  halting.request.terms.stall = milliseconds{400};
  halting.request.excluded = [](std::string_view path) {
    if (path.ends_with("/inside")) sleep_for_ever();
    return false;
  };
  for (const bool is_stopped : {false, true}) {
    CAPTURE(is_stopped);
    halting.request.progress = [&](const SweepPace&) {
      if (is_stopped) kill(children().front(), SIGSTOP);
    };
    const ContentSweep done = swept(halting.request);
    CHECK(halting.cut_off(done) == "came no further");
    CHECK_FALSE(done.stopped);
    CHECK(children().empty());
  }
}

TEST_CASE("a sweeper that is made to call what it may not is a gap") {
  HaltingTree halting;
  halting.tree.file("/halt/inside");
  halting.request.excluded = [](std::string_view path) {
    if (path.ends_with("/inside")) (void)chmod("/halt", 0777);
    return false;
  };
  CHECK(halting.cut_off(swept(halting.request)) == "made a forbidden system call");
}

TEST_CASE("a sweeper that says what it cannot have seen is not believed") {
  HaltingTree halting;
  halting.tree.file("/halt/inside");
  halting.request.part = SweptPart::names;
  halting.request.excluded = [](std::string_view path) {
    if (!path.ends_with("/inside")) return false;
    int report = 3;
    while (fcntl(report, F_GETFD) < 0) ++report;
    (void)!write(report, "\xff\xff\xff\xff", 4);
    return false;
  };
  CHECK(halting.cut_off(swept(halting.request)) == "said what it cannot have seen");
}

bool is_gone(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/stat"};
  std::string number;
  std::string name;
  char state = 'X';
  status >> number >> name >> state;
  return state == 'X' || state == 'Z';
}

TEST_CASE("the sweeper dies with its supervisor, however that ends") {
  HaltingTree halting;
  halting.tree.file("/halt/inside");
  halting.request.excluded = [](std::string_view path) {
    if (path.ends_with("/inside")) sleep_for_ever();
    return false;
  };
  int told[2];
  REQUIRE(pipe(told) == 0);
  const pid_t supervisor = fork();
  if (supervisor == 0) {
    std::uint64_t beats = 0;
    halting.request.progress = [&](const SweepPace&) {
      const pid_t sweeper = children().front();
      if (++beats == 20) (void)!write(told[1], &sweeper, sizeof sweeper);
    };
    (void)sweep_contents(halting.request).has_value();
    _exit(0);
  }
  pid_t sweeper = -1;
  REQUIRE(read(told[0], &sweeper, sizeof sweeper) == sizeof sweeper);
  CHECK_FALSE(is_gone(sweeper));
  kill(supervisor, SIGKILL);
  waitpid(supervisor, nullptr, 0);
  for (int tries = 0; tries < 500 && !is_gone(sweeper); ++tries) usleep(10'000);
  CHECK(is_gone(sweeper));
  close(told[0]);
  close(told[1]);
}

TEST_CASE("an interrupt ends the sweep soon, with what was found and the gaps so far") {
  Tree tree;
  tree.file("/0", 0, 0600, token_of("a"));
  for (int i = 0; i < 200; ++i) tree.directory("/d" + std::to_string(i));
  for (int i = 0; i < 200; ++i) tree.file("/d" + std::to_string(i) + "/f", 0, 0600, "plain");
  ContentSweepRequest request = request_for(tree);
  request.options.threads = 1;
  request.options.paths = {tree.at("/nowhere"), tree.path()};
  request.excluded = [](std::string_view path) {
    const timespec moment{0, 10'000'000};
    if (path.ends_with("/f")) nanosleep(&moment, nullptr);
    return false;
  };
  int asked = 0;
  request.is_interrupted = [&] { return ++asked > 40; };
  const auto begin = std::chrono::steady_clock::now();
  const ContentSweep done = swept(request);
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds{1500});
  CHECK(done.stopped);
  CHECK(gaps_in(done, tree).size() == 1);
  CHECK(gaps_in(done, tree).count("/nowhere") == 1);
  CHECK(done.pace.names < 400);
}

TEST_CASE("an interrupt that a hanging sweeper does not hear is not waited for") {
  HaltingTree halting;
  halting.tree.file("/halt/inside");
  halting.request.terms.farewell = milliseconds{200};
  halting.request.excluded = [](std::string_view path) {
    if (path.ends_with("/inside")) sleep_for_ever();
    return false;
  };
  int asked = 0;
  halting.request.is_interrupted = [&] { return ++asked > 20; };
  const ContentSweep done = swept(halting.request);
  CHECK(done.stopped);
  CHECK(halting.cut_off(done) == "was stopped");
  CHECK(children().empty());
}

TEST_CASE("a ^C, which reaches every process of the group, ends none of them but in order") {
  Tree tree;
  for (int i = 0; i < 300; ++i) tree.file("/f" + std::to_string(i), 0, 0600, token_of("a"));
  const Ending ending = in_child([&] {
    setpgid(0, 0);
    watch_interrupts();
    ContentSweepRequest request = request_for(tree);
    request.options.threads = 2;
    request.excluded = [](std::string_view) {
      const timespec moment{0, 1'000'000};
      nanosleep(&moment, nullptr);
      return false;
    };
    int beats = 0;
    request.progress = [&](const SweepPace&) {
      if (++beats == 20) kill(0, SIGINT);
    };
    const auto done = sweep_contents(request);
    if (!done || !done->stopped) return 1;
    for (const Gap& gap : done->gaps) {
      if (gap.why.find("stopped") == std::string::npos) return 2;
    }
    return !done->found.empty() && done->found.size() < 300 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

FileFindings decode_badly(TextStream& stream, int descriptor, const HandOver& file,
                          const DecodingEvents& events) {
  if (file.path.ends_with("/bad")) std::abort();
  return decode_file(stream, descriptor, file, events);
}

TEST_CASE("a decoder that dies costs its own file a gap, and nothing else") {
  Tree tree;
  for (const char* name : {"/bad", "/good", "/other"}) tree.file(name, 0, 0600, token_of("a"));
  ContentSweepRequest request = request_for(tree);
  request.terms.decoders.decode = decode_badly;
  const ContentSweep done = swept(request);
  CHECK(found_in(done, tree) == Paths{"/good", "/other"});
  REQUIRE(done.gaps.size() == 1);
  CHECK(done.gaps[0].path == tree.at("/bad"));
  CHECK(done.gaps[0].why.starts_with("was not looked into: "));
}

FileFindings miss_much(TextStream&, int, const HandOver&, const DecodingEvents&) {
  FileFindings findings;
  for (int i = 0; i < 20; ++i)
    findings.misses.push_back({.member = std::to_string(i), .why = "is encrypted"});
  findings.misses.push_back({.member = "", .why = "is a bomb"});
  return findings;
}

TEST_CASE("of one archive few gaps are listed, its own before its members', and the rest counted") {
  Tree tree;
  tree.file("/a", 0, 0600, token_of("a"));
  ContentSweepRequest request = request_for(tree);
  request.terms.decoders.decode = miss_much;
  const ContentSweep done = swept(request);
  REQUIRE(done.gaps.size() == 9);
  CHECK(done.gaps[0].why == "holds 13 more places that were not looked at");
  CHECK(done.gaps[1].why == "is a bomb");
  CHECK(done.gaps[2].path == tree.at("/a!0"));
  CHECK(done.gaps[8].path == tree.at("/a!6"));
}

FileFindings tell_size(TextStream&, int, const HandOver& file, const DecodingEvents&) {
  FileFindings findings;
  const bool is_small = file.size < (std::uint64_t{1} << 20);
  findings.misses.push_back({.member = "", .why = is_small ? "is small" : "is large"});
  return findings;
}

TEST_CASE("a hole gives a file no more time") {
  Tree tree;
  const std::string path = tree.file("/sparse", 0, 0600, token_of("a") + "\n");
  REQUIRE(truncate(path.c_str(), off_t{1} << 40) == 0);
  tree.file("/full", 0, 0600, token_of("b") + std::string(2 << 20, '.'));
  ContentSweepRequest request = request_for(tree);
  request.terms.decoders.decode = tell_size;
  const auto gaps = gaps_in(swept(request), tree);
  CHECK(gaps == std::map<std::string, std::string>{{"/full", "is large"}, {"/sparse", "is small"}});
}

TEST_CASE("a file that is stored in a tenth of its size has time for all of it") {
  Tree tree;
  const std::string path =
      tree.file("/packed", 0, 0600, token_of("a") + std::string(128 << 10, '.'));
  REQUIRE(truncate(path.c_str(), off_t{1280} << 10) == 0);
  ContentSweepRequest request = request_for(tree);
  request.terms.decoders.decode = tell_size;
  CHECK(gaps_in(swept(request), tree) ==
        std::map<std::string, std::string>{{"/packed", "is large"}});
}

TEST_CASE("what is no file of a tree is handed over afterwards") {
  Tree tree;
  tree.file("/file", 0, 0600, token_of("a"));
  const std::string arguments = std::string{"cloudflared"} + '\0' + token_of("b") + '\0';
  const int memory = memfd_create("arguments", MFD_CLOEXEC);
  REQUIRE(write(memory, arguments.data(), arguments.size()) ==
          static_cast<ssize_t>(arguments.size()));
  ContentSweepRequest request = request_for(tree);
  request.more = [&](const HandOverMore& hand) {
    CHECK(hand(memory, {.path = "/proc/1/cmdline", .size = 0, .is_process = true}));
  };
  const ContentSweep done = swept(request);
  close(memory);
  REQUIRE(done.found.size() == 2);
  CHECK_FALSE(done.found[0].is_process);
  CHECK(done.found[1].path == "/proc/1/cmdline");
  CHECK(done.found[1].is_process);
}

TEST_CASE("of the first that is found is told once, before all is done; where nothing is, never") {
  Tree tree;
  tree.directory("/empty");
  tree.directory("/d");
  for (int i = 0; i < 50; ++i) tree.file("/d/f" + std::to_string(i), 0, 0600, token_of("a"));
  int told = 0;
  bool is_walking = true;
  ContentSweepRequest request = request_for(tree);
  request.options.paths = {tree.at("/empty")};
  request.on_first_found = [&] { ++told; };
  (void)swept(request);
  CHECK(told == 0);
  request.options.paths = {tree.at("/d")};
  request.more = [&](const HandOverMore&) { is_walking = false; };
  request.on_first_found = [&] {
    ++told;
    CHECK(is_walking);
  };
  request.options.threads = 1;
  request.excluded = [](std::string_view) {
    usleep(2000);
    return false;
  };
  const ContentSweep done = swept(request);
  CHECK(told == 1);
  CHECK(done.found.size() == 50);
  CHECK(done.gaps.empty());
}

FileFindings decode_at_length(TextStream&, int, const HandOver&, const DecodingEvents& events) {
  while (events.keep_going()) {
  }
  return {};
}

TEST_CASE("an interrupt is heard while more is handed over than the decoders take") {
  Tree tree;
  ContentSweepRequest request = request_for(tree);
  request.options.threads = 1;
  request.terms.farewell = milliseconds{200};
  request.terms.decoders.decode = decode_at_length;
  const int memory = memfd_create("arguments", MFD_CLOEXEC);
  int handed = 0;
  int refused = 0;
  request.more = [&](const HandOverMore& hand) {
    while (handed < 100'000 && refused < 3)
      ++(hand(memory, {.path = std::to_string(handed), .is_process = true}) ? handed : refused);
  };
  const auto begin = std::chrono::steady_clock::now();
  request.is_interrupted = [&] {
    return std::chrono::steady_clock::now() - begin > milliseconds{700};
  };
  const ContentSweep done = swept(request);
  close(memory);
  CHECK(std::chrono::steady_clock::now() - begin < seconds{4});
  CHECK(done.stopped);
  CHECK(refused == 3);
  CHECK(done.gaps.size() == static_cast<std::size_t>(handed));
}

// As an ordinary user, since root is not bound by it.
bool limit_descriptors(rlim_t most) {
  for (int fd = 3; fd < 1024; ++fd) close(fd);
  const rlimit limit{most, most};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  return !is_root() || become(alice, alice);
}

TEST_CASE("with few descriptors everything is found all the same") {
  Tree tree;
  for (int i = 0; i < 40; ++i) {
    const std::string directory = tree.directory("/d" + std::to_string(i));
    for (int j = 0; j < 5; ++j)
      tree.file("/d" + std::to_string(i) + "/f" + std::to_string(j), alice, 0600, token_of("a"));
  }
  for (const rlim_t most : {16U, 20U, 32U, 64U}) {
    CAPTURE(most);
    const Ending ending = in_child([&] {
      if (!limit_descriptors(most)) return 1;
      const auto done = sweep_contents(request_for(tree));
      if (!done) return 2;
      if (!done->gaps.empty()) return 3;
      return done->found.size() == 200 ? 0 : 4;
    });
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("a credential 3,000 directories deep is found, with few descriptors too") {
  Tree tree;
  int here = open(tree.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(mkdirat(here, "d", 0755) == 0);
    const int below = openat(here, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
    close(here);
    here = below;
  }
  const int file = openat(here, "token", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  const std::string token = token_of("a");
  REQUIRE(write(file, token.data(), token.size()) == static_cast<ssize_t>(token.size()));
  close(file);
  close(here);
  for (const rlim_t most : {16U, 1024U}) {
    CAPTURE(most);
    const Ending ending = in_child([&] {
      if (!limit_descriptors(most)) return 1;
      ContentSweepRequest request = request_for(tree);
      const auto done = sweep_contents(request);
      if (!done) return 2;
      if (!done || done->found.size() != 1 || !done->gaps.empty()) return 2;
      request.part = SweptPart::names;
      const auto names = sweep_contents(request);
      if (!names || names->names.size() != 1) return 3;
      return names->names[0] == done->found[0].path && names->names[0].size() > 6000 ? 0 : 4;
    });
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("files that come, go and change meanwhile disturb nothing that stays") {
  Tree tree;
  tree.directory("/d");
  for (int i = 0; i < 100; ++i) tree.file("/d/stays" + std::to_string(i), 0, 0600, token_of("a"));
  const pid_t busy = fork();
  if (busy == 0) {
    for (unsigned i = 0;; ++i) {
      const std::string path = tree.at("/d/goes" + std::to_string(i % 50));
      std::ofstream{path} << std::string(i % 3000, 'x') << token_of("b");
      if (i % 3 == 0) unlink(path.c_str());
      if (i % 7 == 0) (void)truncate(path.c_str(), 0);
    }
  }
  for (int round = 0; round < 20; ++round) {
    const ContentSweep done = swept(request_for(tree));
    const Paths found = found_in(done, tree);
    CHECK(std::ranges::count_if(
              found, [](const std::string& path) { return path.starts_with("/d/stays"); }) == 100);
    CHECK(done.gaps.empty());
  }
  kill(busy, SIGKILL);
  waitpid(busy, nullptr, 0);
}

TEST_CASE("without Landlock, openat2 or capabilities the sweep finds the same") {
  Tree tree;
  tree.directory("/d", alice, 0755);
  tree.file("/d/a", alice, 0644, token_of("a"));
  const auto look = [&] {
    const auto done = sweep_contents(request_for(tree));
    return done && done->gaps.empty() && found_in(*done, tree) == Paths{"/d/a"};
  };
  CHECK(in_child([&] {
          if (!refuse_call(SYS_landlock_create_ruleset, ENOSYS)) return 1;
          return look() ? 0 : 2;
        }).exit_code == 0);
  CHECK(in_child([&] {
          if (!refuse_call(SYS_openat2, EPERM)) return 1;
          return look() ? 0 : 2;
        }).exit_code == 0);
  CHECK(in_child([&] {
          if (!shed_capabilities()) return 1;
          return look() ? 0 : 2;
        }).exit_code == 0);
}

TEST_CASE("a file that is named beside a directory that holds it is told once") {
  Tree tree;
  tree.directory("/d", alice, 0755);
  tree.file("/d/token", alice, 0644, token_of("a"));
  ContentSweepRequest request = request_for(tree);
  request.options.paths = {tree.at("/d"), tree.at("/d/token")};
  CHECK(found_in(swept(request), tree) == Paths{"/d/token"});
  request.part = SweptPart::names;
  CHECK(swept(request).names == Paths{tree.at("/d/token")});
}

TEST_CASE("a request whose paths are not there is told so, and nothing else") {
  Tree tree;
  ContentSweepRequest request = request_for(tree);
  request.options.paths = {tree.at("/nowhere")};
  const ContentSweep done = swept(request);
  CHECK(gaps_in(done, tree).size() == 1);
  CHECK(done.gaps[0].path == tree.at("/nowhere"));
}

}  // namespace
}  // namespace cfwarden
