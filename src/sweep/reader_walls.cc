#include "cfwarden/sweep/reader_walls.h"

#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/syscall_filter.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/sweep/entry_opener.h"
#include "cfwarden/sweep/system_calls.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr Capabilities reading = capability(CAP_DAC_READ_SEARCH) | capability(CAP_FOWNER);

// Descriptors on their way to a decoder count against the limit of whoever sends them, together
// with those that any other process of nobody's has on their way. Root need not be bound by that.
void raise_descriptor_limit() {
  constexpr rlim_t most = rlim_t{1}
                          << 20;  // As many as a kernel allows that was not told otherwise.
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max >= most) return;
  limit = {most, most};
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // Who may not raise it does with what there is.
}

Result<Done> drop_privileges() {
  const bool any_uid = has_capability(CAP_SETUID) && has_capability(CAP_SETGID);
  return any_uid ? become(nobody, nobody, reading) : shed_capabilities(reading);
}

Result<Done> limit_reader(int parent) {
  for (const auto resource : {RLIMIT_CORE, RLIMIT_FSIZE}) {
    const rlimit none{0, 0};
    if (setrlimit(resource, &none) != 0) return system_error("setrlimit", errno);
  }
  // After the change of uid, which clears it.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return system_error("pdeathsig", errno);
  // A parent that died before the prctl sends nothing any more.
  if (getppid() != parent) return Error{"the parent has gone", ESRCH};
  return Done{};
}

// Landlock, as far as the kernel's version of it goes. The headers may be older than the kernel.
struct LandlockRights {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;  // What lies outside: abstract sockets, signals.
};

constexpr std::uint64_t bits(unsigned from, unsigned to) {
  return ((std::uint64_t{1} << (to - from + 1)) - 1) << from;
}

LandlockRights rights_of(long version) {
  // 0 is executing, 1 writing; 2 and 3 are reading files and directories; from 4 on there is
  // removing and making of every sort, then linking elsewhere. Truncating and the ioctl of devices,
  // which come behind, are the filter's: with them the kernel follows the path of each file that is
  // opened, an eighth of a sweep.
  constexpr unsigned last_of_first_version = 12;
  const unsigned last = version >= 2 ? last_of_first_version + 1 : last_of_first_version;
  return {.files = bits(0, 1) | bits(4, last),
          .network = version >= 4 ? bits(0, 1) : 0,
          .scopes = version >= 6 ? bits(0, 1) : 0};
}

// Since no rule gives anything back, all of it is gone.
Result<WriteLock> lock_with_landlock() {
#ifdef SYS_landlock_create_ruleset
  constexpr unsigned ask_version = 1;
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, ask_version);
  if (version < 1) return WriteLock::filter_alone;
  const LandlockRights rights = rights_of(version);
  std::size_t size = sizeof rights.files;
  if (version >= 4) size += sizeof rights.network;
  if (version >= 6) size += sizeof rights.scopes;
  const long rules = syscall(SYS_landlock_create_ruleset, &rights, size, 0);
  if (rules < 0) return system_error("landlock", errno);
  const bool is_locked = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  const int error = errno;
  (void)close(static_cast<int>(rules));  // It holds nothing.
  if (!is_locked) return system_error("landlock", error);
  return WriteLock::landlock;
#else
  return WriteLock::filter_alone;
#endif
}

constexpr std::uint32_t all_bits = 0xffffffff;

std::vector<Demand> demands_on(const ReaderOutlets& outlets) {
  constexpr std::uint32_t writes = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
  const auto only = [](int descriptor) { return static_cast<std::uint32_t>(descriptor); };
  const auto place = reinterpret_cast<std::uintptr_t>(ConfinedOpens::begin());
  constexpr std::uint64_t within = ConfinedOpens::size - ConfinedOpens::stride;
  std::vector<Demand> demands{
      {.call = SYS_openat, .argument = 2, .mask = writes, .value = O_RDONLY},
      {.call = SYS_openat2, .argument = 2, .mask = ~within, .value = place},
      // Threads, but no process, which could outlive us.
      {.call = SYS_clone, .argument = 0, .mask = CLONE_THREAD, .value = CLONE_THREAD},
      {.call = SYS_fcntl, .argument = 1, .mask = all_bits, .value = F_GETFD},
      // Of this process, not of all that nobody runs.
      {.call = SYS_prlimit64, .argument = 0, .mask = all_bits, .value = 0},
      {.call = SYS_mprotect, .argument = 2, .mask = PROT_EXEC, .value = 0},
#ifdef SYS_mmap
      {.call = SYS_mmap, .argument = 2, .mask = PROT_EXEC, .value = 0},
#endif
#ifdef SYS_mmap2
      {.call = SYS_mmap2, .argument = 2, .mask = PROT_EXEC, .value = 0},
#endif
#ifdef SYS_fcntl64
      {.call = SYS_fcntl64, .argument = 1, .mask = all_bits, .value = F_GETFD},
#endif
  };
  if (outlets.queue >= 0)
    demands.push_back(
        {.call = SYS_sendmsg, .argument = 0, .mask = all_bits, .value = only(outlets.queue)});
  // A sanitizer writes its report to stderr.
  if (!under_sanitizer)
    demands.push_back(
        {.call = SYS_write, .argument = 0, .mask = all_bits, .value = only(outlets.report)});
  return demands;
}

// Sanitizers keep their own stacks for signals, watch over threads, and try memory with a pipe.
constexpr std::array sanitizer_calls{
    int{SYS_write},        int{SYS_sigaltstack}, int{SYS_prctl}, int{SYS_getppid}, int{SYS_pipe2},
#ifdef SYS_gettimeofday
    int{SYS_gettimeofday},
#endif
};

// What the filter lets openat2 be asked for could otherwise be made writable first. Kernels before
// 6.10 do not know it: there Landlock and the uid stand alone against that.
void seal_confined_opens() {
  constexpr long mseal = 462;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(ConfinedOpens::begin()) & ~(page - 1);
  (void)syscall(mseal, begin, page, 0);
}

Result<Done> install_reader_filter(const ReaderOutlets& outlets) {
  std::vector<int> calls{sweep_calls().begin(), sweep_calls().end()};
  if (under_sanitizer) calls.insert(calls.end(), sanitizer_calls.begin(), sanitizer_calls.end());
  // It shows a filter no flags. The C library then starts threads by clone.
  constexpr std::array absent{int{SYS_clone3}};
  const std::vector<Demand> demands = demands_on(outlets);
  return install_filter({.calls = calls, .demands = demands, .absent = absent});
}

}  // namespace

Result<WriteLock> allow_only_reading(int parent, const ReaderOutlets& outlets) {
  raise_descriptor_limit();
  if (auto dropped = drop_privileges(); !dropped) return dropped.error();
  if (auto limited = limit_reader(parent); !limited) return limited.error();
  auto lock = lock_with_landlock();
  if (!lock) return lock;
  seal_confined_opens();
  if (auto filtered = install_reader_filter(outlets); !filtered) return filtered.error();
  return lock;
}

}  // namespace cfwarden
