// Runs several commands in turn, round after round, and prints for each run
//   <command's number> <nanoseconds from spawn to reaped> <peak resident KiB> <exit status>
//
// Usage: spawn_timer ROUNDS COMMAND... -- COMMAND... [-- ...]
//
// Small and static on purpose: the kernel counts the spawning process's own memory as the least
// peak of its child. Rounds are interleaved, and each begins with another command, so that a drift
// of the machine meets all alike.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr int max_commands = 16;

struct Commands {
  char** argv[max_commands];
  int count = 0;
};

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "spawn_timer: %s\n", why);
  std::exit(2);
}

// Cuts the arguments at each "--" into one null-terminated argv a command.
Commands split(int count, char** words) {
  Commands commands;
  bool begins = true;
  for (int i = 0; i < count; ++i) {
    if (std::strcmp(words[i], "--") == 0) {
      words[i] = nullptr;
      begins = true;
      continue;
    }
    if (begins && commands.count == max_commands) fail("too many commands");
    if (begins) commands.argv[commands.count++] = words + i;
    begins = false;
  }
  return commands;
}

long long nanoseconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void run(int number, char** argv, const posix_spawn_file_actions_t& silence) {
  const long long started = nanoseconds_now();
  pid_t child = 0;
  if (posix_spawn(&child, argv[0], &silence, nullptr, argv, environ) != 0) fail("cannot spawn");
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) fail("cannot wait");
  const long long took = nanoseconds_now() - started;
  std::printf("%d %lld %ld %d\n", number, took, usage.ru_maxrss,
              WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) fail("usage: spawn_timer ROUNDS COMMAND... [-- COMMAND...]");
  const int rounds = std::atoi(argv[1]);
  const Commands commands = split(argc - 2, argv + 2);
  if (rounds < 1 || commands.count < 1) fail("no rounds or no commands");

  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  posix_spawn_file_actions_addopen(&silence, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&silence, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&silence, 2, "/dev/null", O_WRONLY, 0);
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < commands.count; ++i) {
      const int number = (round + i) % commands.count;
      run(number, commands.argv[number], silence);
    }
  }
}
