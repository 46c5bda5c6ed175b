// A seccomp filter for this process and its children, from a list of system calls.
//
// Promises  no_new_privs is set; calls through a foreign ABI (i386, x32) die. An Error where the
//           kernel or the architecture has no seccomp.
// The filter is assembled here, in microseconds, rather than by libseccomp, which takes longer
// than everything else a worker does.
#pragma once

#include "cfwarden/base/result.h"

#include <cstdint>
#include <span>

namespace cfwarden {

// only_these: any other call kills the process. not_these: a listed call fails with EPERM.
enum class Filter { only_these, not_these };

Result<Done> install_filter(Filter filter, std::span<const int> calls);

// What a call that is allowed must ask for: of one argument (from 0) the bits of `mask` are
// `value`. Of an argument that the kernel takes as an int only the low 32 bits mean anything. What
// a pointer leads to cannot be demanded. One demand a call.
struct Demand {
  int call = 0;
  unsigned argument = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
};

// Any call that is in none of the three, or that is not as demanded, kills the process.
struct AllowedCalls {
  std::span<const int> calls;
  std::span<const Demand> demands;  // Of these the demand counts, listed above or not.
  std::span<const int> absent;      // Fail with ENOSYS, as on a kernel that lacks them.
};

Result<Done> install_filter(const AllowedCalls& allowed);

}  // namespace cfwarden
