// A seccomp filter for this process and its children, from a list of system calls.
//
// Promises  no_new_privs is set; calls through a foreign ABI (i386, x32) die. An Error where the
//           kernel or the architecture has no seccomp.
// The filter is assembled here, in microseconds, rather than by libseccomp, which takes longer
// than everything else a worker does.
#pragma once

#include "cfwarden/base/result.h"

#include <span>

namespace cfwarden {

// only_these: any other call kills the process. not_these: a listed call fails with EPERM.
enum class Filter { only_these, not_these };

Result<Done> install_filter(Filter filter, std::span<const int> calls);

}  // namespace cfwarden
