#include "cfwarden/sweep/child_process.h"

#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/system_error.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cfwarden {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds last_patience{5000};

[[noreturn]] void run_as_child(const std::function<void()>& run) {
  try {
    run();
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

// Where the kernel has no descriptors of processes, it is asked again and again.
void await(pid_t pid, milliseconds patience) {
  const Descriptor process{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  if (process.is_open()) {
    pollfd polled{process.get(), POLLIN, 0};
    (void)poll(&polled, 1, static_cast<int>(patience.count()));  // The caller asks waitpid().
  } else {
    const timespec pause{0, 200'000};
    (void)nanosleep(&pause, nullptr);
  }
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::function<void()>& run) {
  const pid_t pid = fork();
  if (pid < 0) return system_error("fork", errno);
  if (pid == 0) run_as_child(run);
  return ChildProcess{pid};
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)}, status_{std::exchange(other.status_, {})} {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0 || status_) return;
  kill();
  (void)reap(last_patience);
}

void ChildProcess::kill() {
  if (pid_ > 0 && !status_) (void)::kill(pid_, SIGKILL);  // A zombie does not mind.
}

std::optional<int> ChildProcess::reap(milliseconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  while (pid_ > 0 && !status_) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) status_ = status;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (ended < 0 && errno != EINTR) break;
    if (ended == 0 && left <= milliseconds::zero()) break;
    if (ended == 0) await(pid_, left);
  }
  return status_;
}

std::string how_it_ended(const std::optional<int>& status) {
  if (!status) return "did not end";
  if (WIFEXITED(*status)) return "failed";
  switch (WTERMSIG(*status)) {
    case SIGSYS:
      return "made a forbidden system call";
    case SIGKILL:
      return "was killed";
    default:
      return "crashed (signal " + std::to_string(WTERMSIG(*status)) + ")";
  }
}

}  // namespace cfwarden
