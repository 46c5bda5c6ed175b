// A /var/lib of this process alone: what a test records never reaches the machine's own journals.
#pragma once

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace cfwarden {

// Root's state directory has one place that nothing moves, so that the place itself is made another
// one: a mount namespace, and memory over /var/lib.
class PrivateState {
 public:
  PrivateState() {
    is_ready_ = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
                mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                mount("none", "/var/lib", "tmpfs", 0, "mode=0755,size=1m") == 0;
  }
  PrivateState(const PrivateState&) = delete;
  PrivateState& operator=(const PrivateState&) = delete;
  ~PrivateState() {
    if (is_ready_) (void)umount2("/var/lib", MNT_DETACH);  // Gone with the process at the latest.
  }

  // To return from a test at once.
  bool is_missing() const {
    if (!is_ready_) MESSAGE("skipped: only root can lay memory over /var/lib for itself");
    return !is_ready_;
  }

 private:
  bool is_ready_ = false;
};

}  // namespace cfwarden
