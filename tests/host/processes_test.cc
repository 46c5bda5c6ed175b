#include "cfwarden/host/processes.h"

#include "in_child.h"
#include "tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cfwarden {
namespace {

using Words = std::vector<std::string>;

std::vector<char*> pointers(Words& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

// A process that is called cloudflared and does nothing: a shell that reads its commands from a
// pipe, into which none is written, and takes what follows `-s` for arguments.
class StandIn {
 public:
  // `prepare` runs in it before the program starts.
  StandIn(
      Words argv, Words environment, const std::function<void()>& prepare = [] {}) {
    int ready[2];
    int commands[2];
    REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
    REQUIRE(pipe2(commands, O_CLOEXEC) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      prepare();
      dup2(commands[0], 0);
      execve("/bin/sh", pointers(argv).data(), pointers(environment).data());
      _exit(1);
    }
    close(ready[1]);
    close(commands[0]);
    commands_ = commands[1];
    char byte = 0;
    CHECK(read(ready[0], &byte, 1) == 0);  // Closed where the program starts.
    close(ready[0]);
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  ~StandIn() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(commands_);
  }
  int pid() const { return pid_; }
  std::string path(std::string_view file) const {
    return "/proc/" + std::to_string(pid_) + "/" + std::string{file};
  }

 private:
  pid_t pid_ = -1;
  int commands_ = -1;
};

const Words blog{"cloudflared", "-s", "tunnel", "run", "blog"};

const Process* find(const Processes& found, const StandIn& one) {
  const auto at = std::ranges::find(found.all, one.pid(), &Process::pid);
  return at == found.all.end() ? nullptr : &*at;
}

std::string gap_about(const Processes& found, const std::string& path) {
  const auto at = std::ranges::find(found.gaps, path, &Gap::path);
  return at == found.gaps.end() ? "" : at->why;
}

void become_alice(const std::vector<gid_t>& groups = {}) {
  if (setgroups(groups.size(), groups.data()) != 0 || setresgid(alice, alice, alice) != 0 ||
      setresuid(alice, alice, alice) != 0) {
    _exit(1);
  }
}

void keep_capabilities(std::uint64_t kept) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  for (unsigned i = 0; i < 2; ++i) {
    sets[i].effective = static_cast<std::uint32_t>(kept >> (32 * i));
    sets[i].permitted = sets[i].effective;
    sets[i].inheritable = sets[i].effective;
  }
  if (syscall(SYS_capset, &header, sets) != 0) _exit(1);
}

std::string own_directory() {
  std::array<char, PATH_MAX> path{};
  REQUIRE(getcwd(path.data(), path.size()) != nullptr);
  return path.data();
}

TEST_CASE("a process that runs cloudflared is seen, with its words and its environment") {
  const StandIn one{blog, {"HOME=/srv/tunnel", "TUNNEL_TOKEN=invented"}};
  const Processes found = cloudflared_processes();
  const Process* process = find(found, one);
  REQUIRE(process != nullptr);
  CHECK(process->command_line.reveal() ==
        std::string_view{"cloudflared\0-s\0tunnel\0run\0blog\0", 31});
  CHECK(process->environment.reveal() ==
        std::string_view{"HOME=/srv/tunnel\0TUNNEL_TOKEN=invented\0", 39});
  CHECK(process->unread_environment.empty());
  CHECK(process->uid == geteuid());
  CHECK(process->gid == getegid());
  CHECK(process->working_directory == own_directory());
  CHECK(process->root_directory == "/");
  CHECK(process->same_mount_namespace == true);
  CHECK(process->same_pid_namespace);
  CHECK(process->same_user_namespace);
  CHECK(gap_about(found, one.path("environ")).empty());
}

TEST_CASE("every process is looked at where all are wanted, but not this one and its children") {
  const StandIn other{{"sh", "-s", "something", "else"}, {"NAME=value"}};
  CHECK(find(cloudflared_processes(), other) == nullptr);
  const Ending ending = in_child([&other] {
    const pid_t child = fork();
    if (child == 0) {
      pause();
      _exit(0);
    }
    std::string words;
    std::string variables;
    std::size_t seen = 0;
    bool is_own = false;
    const EveryProcess every = for_every_process([&](const Process& process) {
      ++seen;
      is_own |= process.pid == getpid() || process.pid == child;
      if (process.pid != other.pid()) return;
      words = process.command_line.reveal();
      variables = process.environment.reveal();
    });
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    if (words != std::string_view{"sh\0-s\0something\0else\0", 21}) return 1;
    if (variables != std::string_view{"NAME=value\0", 11}) return 2;
    if (every.seen != seen) return 3;
    return is_own ? 4 : 0;
  });
  CHECK(ending.exit_code == 0);
}

// Field N of /proc/self/stat, as proc(5) counts them.
unsigned long own_stat(int field) {
  std::ifstream stream{"/proc/self/stat"};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  std::istringstream fields{text.substr(text.rfind(')') + 2)};
  std::string word;
  for (int i = 3; i <= field; ++i) fields >> word;
  return std::strtoul(word.c_str(), nullptr, 10);
}

// Tells the kernel that this process was started with no words, and with that environment: no
// privilege is needed.
bool forget_words(const std::string& environment) {
  const auto begin = reinterpret_cast<std::uintptr_t>(environment.data());
  prctl_mm_map map{};
  map.start_code = own_stat(26);
  map.end_code = own_stat(27);
  map.start_data = own_stat(45);
  map.end_data = own_stat(46);
  map.start_brk = own_stat(47);
  map.brk = reinterpret_cast<std::uintptr_t>(sbrk(0));
  map.start_stack = own_stat(28);
  map.arg_start = begin;
  map.arg_end = begin;
  map.env_start = begin;
  map.env_end = begin + environment.size();
  map.exe_fd = static_cast<std::uint32_t>(-1);
  return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) == 0;
}

class Wordless {
 public:
  explicit Wordless(const std::string& environment) {
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      const char done = forget_words(environment) ? '1' : '0';
      (void)!write(ready[1], &done, 1);
      while (true) pause();
    }
    close(ready[1]);
    char done = '0';
    CHECK(read(ready[0], &done, 1) == 1);
    close(ready[0]);
    is_wordless = done == '1';
  }
  Wordless(const Wordless&) = delete;
  Wordless& operator=(const Wordless&) = delete;
  ~Wordless() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  int pid() const { return pid_; }
  bool is_wordless = false;

 private:
  pid_t pid_ = -1;
};

TEST_CASE("a process that wiped its arguments is looked at for its environment, the dead are not") {
  const Wordless one{std::string{"NAME=kept\0", 10}};
  if (!one.is_wordless) {
    MESSAGE("this kernel lets no process change what it was started with");
    return;
  }
  const pid_t dead = fork();
  if (dead == 0) _exit(0);
  siginfo_t ended;
  REQUIRE(waitid(P_PID, static_cast<id_t>(dead), &ended, WEXITED | WNOWAIT) == 0);
  const Ending ending = in_child([&] {
    bool is_seen = false;
    bool is_dead_seen = false;
    const EveryProcess every = for_every_process([&](const Process& process) {
      is_dead_seen |= process.pid == dead || process.pid == 2;
      if (process.pid != one.pid()) return;
      is_seen = process.command_line.reveal().empty() &&
                process.environment.reveal() == std::string_view{"NAME=kept\0", 10};
    });
    if (!is_seen) return 1;
    if (is_dead_seen) return 2;
    return every.seen > 0 ? 0 : 3;
  });
  waitpid(dead, nullptr, 0);
  CHECK(ending.exit_code == 0);
}

TEST_CASE("what others' environments hold is counted where it may not be read, and no gap") {
  if (needs_root()) return;
  const StandIn roots{{"sh", "-s", "x"}, {"NAME=value"}};
  const Ending ending = in_child([&roots] {
    become_alice();
    bool is_seen = false;
    const EveryProcess every = for_every_process([&](const Process& process) {
      if (process.pid == roots.pid()) is_seen = process.environment.empty();
    });
    if (!is_seen) return 1;
    if (every.closed_environments == 0) return 2;
    return every.gaps.empty() ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a renamed binary is seen by its words, and a wrapper without its environment") {
  const StandIn renamed{{"tun", "-s", "tunnel", "run", "--token-file", "/srv/token"}, {"A=1"}};
  const StandIn wrapper{{"sh", "-s", "cloudflared tunnel run blog"}, {"A=1"}};
  const StandIn other{{"tun", "-s", "tunnel", "run", "blog"}, {"A=1"}};
  const Processes found = cloudflared_processes();
  REQUIRE(find(found, renamed) != nullptr);
  CHECK(find(found, renamed)->environment.size() == 4);
  REQUIRE(find(found, wrapper) != nullptr);
  CHECK(find(found, wrapper)->environment.empty());
  CHECK(find(found, wrapper)->unread_environment.empty());
  CHECK(find(found, other) == nullptr);
}

TEST_CASE("a process that is called otherwise than its program is seen by its program") {
  Tree tree;
  REQUIRE(std::system(("cp /bin/sh " + tree.at("/cloudflared")).c_str()) == 0);
  const std::string program = tree.at("/cloudflared");
  int commands[2];
  REQUIRE(pipe(commands) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(commands[0], 0);
    close(commands[1]);
    execl(program.c_str(), "tun", "-s", "tunnel", "run", "blog", nullptr);
    _exit(1);
  }
  bool seen = false;
  for (int attempt = 0; attempt < 100 && !seen; ++attempt) {
    const Processes found = cloudflared_processes();
    seen = std::ranges::find(found.all, pid, &Process::pid) != found.all.end();
    usleep(10'000);
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  close(commands[0]);
  close(commands[1]);
  CHECK(seen);
}

TEST_CASE("as whom a process opens files is what the kernel says") {
  if (needs_root()) return;
  const StandIn one{blog, {}, [] { become_alice({7, 4}); }};
  const Processes found = cloudflared_processes();
  const Process* process = find(found, one);
  REQUIRE(process != nullptr);
  CHECK(process->uid == alice);
  CHECK(process->gid == alice);
  CHECK(process->more_groups == std::vector<std::uint32_t>{4, 7});
  CHECK_FALSE(process->reads_everything);

  Start start;
  complete(start, *process);
  CHECK(start.run_as.user == std::to_string(alice));
  CHECK(start.run_as.group == std::to_string(alice));
  CHECK(start.run_as.more_groups == Words{"4", "7"});
  CHECK_FALSE(start.run_as.reads_everything);
  CHECK_FALSE(start.run_as.loses_capabilities);
  CHECK(start.working_directory == process->working_directory);
  CHECK(start.root_directory.empty());
  CHECK(start.is_active);
}

TEST_CASE("root without its capabilities is an ordinary owner, and others may have them") {
  if (needs_root()) return;
  const auto keep_one = [] {
    constexpr auto one = std::uint64_t{1} << CAP_DAC_READ_SEARCH;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) _exit(1);
    become_alice();
    keep_capabilities(one);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0);
  };
  const auto drop_all = [] {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
      prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    keep_capabilities(0);
  };
  const StandIn plain{blog, {}};
  const StandIn poor{blog, {}, drop_all};
  const StandIn rich{blog, {}, keep_one};
  const Processes found = cloudflared_processes();
  const auto started = [&](const StandIn& one) {
    REQUIRE(find(found, one) != nullptr);
    Start start;
    complete(start, *find(found, one));
    return start.run_as;
  };
  CHECK_FALSE(started(plain).loses_capabilities);
  CHECK_FALSE(started(plain).reads_everything);
  CHECK(started(poor).loses_capabilities);
  CHECK(started(rich).user == std::to_string(alice));
  CHECK(started(rich).reads_everything);
}

TEST_CASE("a process in namespaces of its own is said to be in them") {
  if (needs_root()) return;
  const StandIn mounts{blog, {}, [] { (void)unshare(CLONE_NEWNS); }};
  const StandIn users{blog, {}, [] { (void)unshare(CLONE_NEWUSER); }};
  const Processes found = cloudflared_processes();
  REQUIRE(find(found, mounts) != nullptr);
  CHECK(find(found, mounts)->same_mount_namespace == false);
  CHECK(find(found, mounts)->same_user_namespace);
  CHECK(find(found, mounts)->reads_everything);
  REQUIRE(find(found, users) != nullptr);
  CHECK(find(found, users)->same_mount_namespace == true);
  CHECK_FALSE(find(found, users)->same_user_namespace);
  CHECK_FALSE(find(found, users)->reads_everything);
}

TEST_CASE("a process in a pid namespace below ours is said to be in it") {
  if (needs_root()) return;
  const Ending ending = in_child([] {
    if (unshare(CLONE_NEWPID) != 0) return 1;
    const StandIn one{blog, {}};  // The first of its namespace: it ends when it is killed.
    const Processes found = cloudflared_processes();
    const Process* process = find(found, one);
    if (process == nullptr) return 2;
    return process->same_pid_namespace ? 3 : 0;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a process with another root directory names it") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/inside");
  // After chroot the shell is reached by its descriptor's directory: it is bound to the new root.
  const Ending ending = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      return 1;
    if (mount("/", tree.at("/inside").c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return 2;
    const StandIn one{blog, {}, [&] {
                        if (chroot(tree.at("/inside").c_str()) != 0 || chdir("/usr") != 0) _exit(1);
                      }};
    const Processes found = cloudflared_processes();
    const Process* process = find(found, one);
    if (process == nullptr) return 3;
    Start start;
    complete(start, *process);
    if (start.root_directory != tree.at("/inside")) return 4;
    return start.working_directory == tree.at("/inside/usr") ? 0 : 5;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("an environment that may not be read is a gap where nothing else tells of the need") {
  if (needs_root()) return;
  const StandIn bare{blog, {"A=1"}};
  const StandIn told{{"cloudflared", "-s", "tunnel", "run", "--token-file", "/x"}, {"A=1"}};
  const StandIn client{{"cloudflared", "-s", "access", "ssh"}, {"A=1"}};
  const Ending ending = in_child([&] {
    become_alice();
    const Processes found = cloudflared_processes();
    for (const StandIn* one : {&bare, &told, &client}) {
      const Process* process = find(found, *one);
      if (process == nullptr || process->command_line.empty()) return 1;
      if (process->unread_environment != "cannot be read: permission denied") return 2;
      if (!process->environment.empty() || process->same_mount_namespace) return 3;
      if (!process->working_directory.empty() || !process->root_directory.empty()) return 4;
    }
    if (gap_about(found, bare.path("environ")).empty()) return 5;
    if (!gap_about(found, told.path("environ")).empty()) return 6;
    return gap_about(found, client.path("environ")).empty() ? 0 : 7;
  });
  CHECK(ending.exit_code == 0);
}

// Whether alice, in group 7, is told that a /proc with these options hides from her.
Ending alice_looks_at(Tree& tree, const StandIn& hers, const StandIn& roots, const char* options,
                      bool hides) {
  return in_child([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      return 1;
    const std::string proc = tree.at("/proc");
    if (mount("proc", proc.c_str(), "proc", 0, options) != 0) return 2;
    const bool root_sees_all = access((proc + "/1").c_str(), F_OK) == 0;  // Containers may differ.
    if (gap_about(cloudflared_processes(proc), proc).empty() != root_sees_all) return 3;
    become_alice({7});
    const Processes found = cloudflared_processes(proc);
    if (find(found, hers) == nullptr) return 4;
    if ((find(found, roots) == nullptr) != hides) return 5;
    const bool told = gap_about(found, proc).find("hidepid") != std::string::npos;
    return told == hides ? 0 : 6;
  });
}

TEST_CASE("a /proc that hides others' processes is a gap for whom it hides them from") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/proc");
  const Words told{"cloudflared", "-s", "tunnel", "run", "--token-file", "/x"};
  const StandIn roots{told, {}};
  const StandIn hers{told, {}, [] { become_alice(); }};
  struct Case {
    std::string options;
    bool hides;
  };
  const Case cases[] = {{"hidepid=0", false},       {"hidepid=1", true},
                        {"hidepid=2", true},        {"hidepid=4", true},
                        {"hidepid=2,gid=7", false}, {"hidepid=2,gid=8", true},
                        {"hidepid=1,gid=7", false}};
  for (const Case& one : cases) {
    CAPTURE(one.options);
    CHECK(alice_looks_at(tree, hers, roots, one.options.c_str(), one.hides).exit_code == 0);
  }
}

TEST_CASE("a long command line is read whole, and one beyond the bound is a gap") {
  const StandIn longer{{"cloudflared", "-s", "tunnel", "run", std::string(40'000, 'x')},
                       {"A=" + std::string(50'000, 'y')}};
  const StandIn endless{{"cloudflared", "-s", std::string(100'000, 'x'), std::string(60'000, 'y')},
                        {"A=" + std::string(90'000, 'x'), "B=" + std::string(90'000, 'y')}};
  const Processes found = cloudflared_processes();
  REQUIRE(find(found, longer) != nullptr);
  CHECK(find(found, longer)->command_line.size() == 12 + 3 + 7 + 4 + 40'001);
  CHECK(find(found, longer)->environment.size() == 50'003);
  CHECK(gap_about(found, longer.path("cmdline")).empty());
  REQUIRE(find(found, endless) != nullptr);
  CHECK(find(found, endless)->command_line.size() == max_command_line_bytes);
  CHECK(find(found, endless)->environment.size() == max_environment_bytes);
  CHECK(gap_about(found, endless.path("cmdline")).find("128 KiB") != std::string::npos);
  CHECK(gap_about(found, endless.path("environ")).find("128 KiB") != std::string::npos);
}

TEST_CASE("processes are in the order of their numbers, and this one is not among them") {
  const StandIn first{blog, {}};
  const StandIn second{blog, {}};
  const Processes found = cloudflared_processes();
  CHECK(std::ranges::is_sorted(found.all, {}, &Process::pid));
  CHECK(found.all.size() >= 2);
  CHECK(std::ranges::find(found.all, getpid(), &Process::pid) == found.all.end());
}

TEST_CASE("a process that ends while it is looked at is no gap") {
  const Processes before = cloudflared_processes();
  const pid_t churn = fork();
  if (churn == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;) {
      const pid_t child = fork();
      if (child == 0) {
        execl("/bin/sh", "cloudflared", "-c", ":", nullptr);
        _exit(1);
      }
      waitpid(child, nullptr, 0);
    }
  }
  std::size_t seen = 0;
  for (int attempt = 0; attempt < 300; ++attempt) {
    const Processes found = cloudflared_processes();
    seen += found.all.size();
    for (const Gap& gap : found.gaps) {
      CAPTURE(gap.path);
      CHECK(gap_about(before, gap.path) == gap.why);
    }
  }
  kill(churn, SIGKILL);
  waitpid(churn, nullptr, 0);
  MESSAGE("seen while they came and went: " << seen);
}

TEST_CASE("what is no mounted proc file system is a gap") {
  Tree tree;
  for (const std::string& path :
       {tree.path(), tree.at("/none"), std::string{"/proc/self"}, tree.link("/proc", "/link")}) {
    CAPTURE(path);
    const Processes found = cloudflared_processes(path);
    CHECK(found.all.empty());
    REQUIRE(found.gaps.size() == 1);
    CHECK(found.gaps[0].path == path);
  }
}

}  // namespace
}  // namespace cfwarden
