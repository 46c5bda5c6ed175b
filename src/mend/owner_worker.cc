#include "cfwarden/mend/owner_worker.h"

#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/system_error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <optional>
#include <vector>

namespace cfwarden {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// What goes through the pipe: in one piece, being shorter than PIPE_BUF.
struct Answer {
  std::uint32_t count = 0;
  std::array<char, 252> why{};  // Ends with a NUL.
};

Answer answer_of(const Taken& taken) {
  Answer answer;
  answer.count = static_cast<std::uint32_t>(*taken.count);
  taken.why.copy(answer.why.data(), answer.why.size() - 1);
  return answer;
}

// A ^C at the terminal reaches the child too, and must not leave an object between two states.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
}

void keep_only(int object, int report) {
  std::vector<int> kept{object, report};
  if (under_sanitizer) kept.push_back(STDERR_FILENO);
  std::ranges::sort(kept);
  close_all_but(kept);
}

Result<Done> give_up_descriptors() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_NOFILE, &none) != 0) return system_error("setrlimit", errno);
  return Done{};
}

Taken act(const OwnersOrder& order, pid_t parent) {
  const auto nothing = [](const Error& error) {
    return Taken{.count = 0, .why = "cannot act as its owner: " + error.what};
  };
  if (auto became = become(order.uid, order.gid); !became) return nothing(became.error());
  if (auto limited = limit_worker(parent, {.writes = FileWrites::by_kernel}); !limited)
    return nothing(limited.error());
  if (auto given = give_up_descriptors(); !given) return nothing(given.error());
  return take_steps(order.object, order.expected, order.steps);
}

// noexcept: an exception must not carry the child into its parent's code.
[[noreturn]] void be_owner(const OwnersOrder& order, int report, pid_t parent) noexcept {
  block_signals();
  keep_only(order.object.get(), report);
  const Answer answer = answer_of(act(order, parent));
  (void)!write(report, &answer, sizeof answer);  // Without an answer the parent looks for itself.
  _exit(0);
}

milliseconds left_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
  return std::max(left, milliseconds::zero());
}

// What can be read by then; false when nothing can.
bool is_readable(const Descriptor& pipe, Clock::time_point deadline) {
  while (true) {
    pollfd polled{pipe.get(), POLLIN, 0};
    const int ready = poll(&polled, 1, static_cast<int>(left_until(deadline).count()));
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) return false;
  }
}

std::optional<Answer> receive(const Descriptor& pipe) {
  Answer answer;
  ssize_t count = 0;
  do {
    count = read(pipe.get(), &answer, sizeof answer);
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof answer)) return std::nullopt;
  answer.why.back() = '\0';
  return answer;
}

// False where it outlives SIGKILL: in the kernel, or because we lack CAP_KILL.
bool end(pid_t pid) {
  (void)kill(pid, SIGKILL);  // Where it is not allowed, the wait below says so.
  const auto deadline = Clock::now() + std::chrono::seconds{1};
  const timespec pause{0, 100'000};
  while (true) {
    const pid_t ended = waitpid(pid, nullptr, WNOHANG);
    if (ended == pid || (ended < 0 && errno == ECHILD)) return true;
    if (Clock::now() >= deadline) return false;
    nanosleep(&pause, nullptr);
  }
}

OwnersAnswer untaken(const char* call) {
  return {.taken = {.count = 0, .why = system_error(call, errno).what}};
}

}  // namespace

OwnersAnswer take_steps_as_owner(const OwnersOrder& order) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return untaken("pipe");
  const Descriptor answers{ends[0]};
  std::optional<Descriptor> report{ends[1]};
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return untaken("fork");
  if (pid == 0) be_owner(order, report->get(), parent);
  report.reset();  // So that the child's end is the end of the pipe.
  const bool in_time = is_readable(answers, Clock::now() + order.patience);
  const auto answer = in_time ? receive(answers) : std::nullopt;
  const bool is_over = end(pid);
  if (answer) return {.taken = {.count = answer->count, .why = answer->why.data()}};
  const char* why = in_time ? "its worker was killed" : "its worker was stopped, or took too long";
  return {.taken = {.count = std::nullopt, .why = why}, .is_over = is_over};
}

}  // namespace cfwarden
