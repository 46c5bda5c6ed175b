// The worker's walls. Each call concerns the calling process, for good.
#pragma once

#include "cfwarden/base/result.h"

#include <cstdint>
#include <optional>
#include <span>

namespace cfwarden {

// Address sanitizers reserve terabytes of address space and write their report to stderr.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool under_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
inline constexpr bool under_sanitizer = true;
#else
inline constexpr bool under_sanitizer = false;
#endif
#else
inline constexpr bool under_sanitizer = false;
#endif

// The uid and gid of nobody in particular.
inline constexpr std::uint32_t nobody = 65534;

using Capabilities = std::uint64_t;  // Bit n: the capability with number n.
constexpr Capabilities capability(unsigned number) {
  return Capabilities{1} << number;
}

// Irrevocably becomes `uid` with its `gid`, no other group and no capability but those of `kept`
// that there are, and proves it: setresuid(0) must fail. Never root. Expects CAP_SETUID and
// CAP_SETGID.
Result<Done> become(std::uint32_t uid, std::uint32_t gid, Capabilities kept = 0);

// Gives up every capability of this process but those of `kept`, for good; no ptrace, no core.
// What is kept is in effect, and passes to no program.
Result<Done> shed_capabilities(Capabilities kept = 0);

// No file writes, no new processes; dies with its parent (`parent` is its pid before the fork).
// After become(), which clears the latter.
// An overlay copies a file up on behalf of whoever changes its mode: that counts as writing.
enum class FileWrites { none, by_kernel };
struct WorkerLimits {
  std::uint64_t address_space = 256 * 1024 * 1024;  // Not under sanitizers.
  std::optional<unsigned> cpu_seconds = 5;
  FileWrites writes = FileWrites::none;
};
Result<Done> limit_worker(int parent, const WorkerLimits& limits = {});

// What a worker may besides: it may be handed so many descriptors at a time, by these calls.
struct Receiving {
  unsigned descriptors = 0;
  std::span<const int> calls = {};
};

// From here on: read, write, close, memory and exit; no open. Anything else kills the process.
// An Error means that nothing is forbidden, and that nothing may be parsed.
Result<Done> forbid_opening(const Receiving& receiving = {});

}  // namespace cfwarden
