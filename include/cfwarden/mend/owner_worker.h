// Takes steps as the user in whose territory the object lies: whatever that user has put there in
// the meantime, the kernel refuses what is not their own.
//
// Expects   CAP_SETUID and CAP_SETGID; `uid` is not root's.
// Promises  a forked child irrevocably becomes that user before it takes a step. It holds the
//           object's descriptor and a pipe, can get no other one, has no capability, cannot be
//           traced, and dies with this process. Only SIGKILL and SIGSTOP reach it, and the clock is
//           the parent's: a child that its user has stopped is killed.
#pragma once

#include "cfwarden/mend/take_steps.h"

#include <chrono>
#include <cstdint>
#include <span>

namespace cfwarden {

struct OwnersOrder {
  std::uint32_t uid = 0;
  // The object's own: a chmod by somebody outside its group costs it its setgid bit. Never root's.
  std::uint32_t gid = 0;
  const Descriptor& object;
  const Expected& expected;
  std::span<const Step> steps;
  std::chrono::milliseconds patience{10'000};
};

struct OwnersAnswer {
  Taken taken;
  bool is_over = true;  // Else the child could not be killed, and may go on.
};

OwnersAnswer take_steps_as_owner(const OwnersOrder& order);

}  // namespace cfwarden
