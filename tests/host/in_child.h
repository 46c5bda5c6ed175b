// Runs a piece of a test in a process of its own, since what it does cannot be undone.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace cfwarden {

struct Ending {
  int exit_code = -1;  // -1 when a signal ended it.
  int signal = 0;
  bool core = false;
};

// What `steps` returns becomes the exit code: 0 for success, the number of the failed step else.
template <class Steps>
Ending in_child(const Steps& steps) {
  const pid_t pid = fork();
  if (pid == 0) {
    // The test framework's own handlers would report the child's end as a failure of the test.
    for (const int fatal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTERM, SIGINT}) {
      std::signal(fatal, SIG_DFL);
    }
    _exit(steps());
  }
  int status = 0;
  while (waitpid(pid, &status, 0) != pid) {
  }
  if (WIFSIGNALED(status)) return {-1, WTERMSIG(status), WCOREDUMP(status) != 0};
  return {WEXITSTATUS(status), 0, false};
}

inline bool is_root() {
  return geteuid() == 0;
}

}  // namespace cfwarden
