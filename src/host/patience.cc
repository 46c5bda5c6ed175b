#include "cfwarden/host/patience.h"

#include "cfwarden/host/sandbox.h"

#include <cerrno>
#include <csignal>
#include <ctime>

#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cfwarden {
namespace {

constexpr std::size_t stack_bytes = std::size_t{256} * 1024;

// Pages that nothing else is kept in.
class Stack {
 public:
  Stack()
      : pages_{mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0)} {}
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack() {
    if (is_there()) (void)munmap(pages_, stack_bytes);  // It cannot fail for pages that mmap gave.
  }
  bool is_there() const { return pages_ != MAP_FAILED; }
  void* top() const { return static_cast<char*>(pages_) + stack_bytes; }

 private:
  void* pages_;
};

// Keeps a child of the moment on the processor that its parent is about to leave: waking another
// one, or queueing there, takes longer than most work does.
class ThisProcessor {
 public:
  ThisProcessor() {
    cpu_set_t here;
    CPU_ZERO(&here);
    const int number = sched_getcpu();
    if (number < 0 || number >= CPU_SETSIZE) return;
    CPU_SET(static_cast<std::size_t>(number), &here);
    is_held_ = sched_getaffinity(0, sizeof allowed_, &allowed_) == 0 &&
               sched_setaffinity(0, sizeof here, &here) == 0;
  }
  ThisProcessor(const ThisProcessor&) = delete;
  ThisProcessor& operator=(const ThisProcessor&) = delete;
  ~ThisProcessor() {
    if (is_held_) (void)sched_setaffinity(0, sizeof allowed_, &allowed_);  // It was allowed before.
  }

 private:
  cpu_set_t allowed_;
  bool is_held_ = false;
};

struct Order {
  const PatientWork* work = nullptr;
  pid_t parent = 0;
};

int work_as_child(void* with) {
  const auto& order = *static_cast<const Order*>(with);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const pid_t parent = getppid();  // 0 where it lies outside the child's pid namespace.
  if (parent == order.parent || parent == 0) order.work->run(order.work->with);
  return 0;  // clone() makes it the end of the child, and of nothing else.
}

// The kernel writes 0 and wakes us when the child is gone. errno is not looked at: the child, which
// shares it, sets it too.
void wait_for_end(const std::atomic<pid_t>& child, pid_t pid, int milliseconds) {
  const timespec longest{.tv_sec = milliseconds / 1000,
                         .tv_nsec = long{milliseconds % 1000} * 1'000'000};
  syscall(SYS_futex, &child, FUTEX_WAIT, pid, &longest, nullptr, 0);
}

long long now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1'000'000;
}

// A signal, or a number that is gone already, ends a wait early: the clock decides.
bool ends_in_time(const std::atomic<pid_t>& child, pid_t pid, const PatientWork& work,
                  int patience_ms) {
  std::size_t seen = *work.progress;
  long long since = now_ms();
  while (child == pid) {
    wait_for_end(child, pid, patience_ms);
    const std::size_t reached = *work.progress;
    if (reached != seen) {
      seen = reached;
      since = now_ms();
    } else if (now_ms() - since >= patience_ms) {
      return child != pid;
    }
  }
  return true;
}

void reap(pid_t pid) {
  while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {
  }
}

}  // namespace

bool run_with_patience(const PatientWork& work, int patience_ms) {
  const Stack stack;
  const ThisProcessor here;
  Order order{.work = &work, .parent = getpid()};
  std::atomic<pid_t> child = 0;
  const int flags = CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
  const pid_t pid = under_sanitizer || !stack.is_there()
                        ? -1
                        : clone(work_as_child, stack.top(), flags, &order, &child, nullptr, &child);
  if (pid < 0) {
    work.run(work.with);
    return true;
  }
  const bool in_time = ends_in_time(child, pid, work, patience_ms);
  if (!in_time) kill(pid, SIGKILL);
  reap(pid);
  return in_time;
}

}  // namespace cfwarden
