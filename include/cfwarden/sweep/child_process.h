// A forked child that does not outlive the one who owns it: killed and reaped, if it is not yet.
#pragma once

#include "cfwarden/base/result.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace cfwarden {

class ChildProcess {
 public:
  // `run` is called in the child; when it comes back, or throws, the child ends. Nothing of the
  // parent's is flushed or destroyed there.
  static Result<ChildProcess> start(const std::function<void()>& run);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  int pid() const { return pid_; }
  void kill();
  // What waitpid() says, once it has ended; nullopt when it has not within `patience`. A process
  // that hangs in the kernel is left behind, and dies when it can.
  std::optional<int> reap(std::chrono::milliseconds patience);

 private:
  explicit ChildProcess(int pid) : pid_{pid} {}

  int pid_ = -1;
  std::optional<int> status_;  // Once it is reaped: the number may then be somebody else's.
};

// "was killed", "crashed (signal 11)", "made a forbidden system call", "failed", "did not end".
std::string how_it_ended(const std::optional<int>& status);

}  // namespace cfwarden
