#include "cfwarden/host/sandbox.h"

#include "cfwarden/host/syscall_filter.h"
#include "cfwarden/host/system_error.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

Error failure(const std::string& call) {
  return system_error(call, errno);
}

bool is_exactly(std::uint32_t uid, std::uint32_t gid) {
  uid_t uids[3];
  gid_t gids[3];
  return getresuid(&uids[0], &uids[1], &uids[2]) == 0 && uids[0] == uid && uids[1] == uid &&
         uids[2] == uid && getresgid(&gids[0], &gids[1], &gids[2]) == 0 && gids[0] == gid &&
         gids[1] == gid && gids[2] == gid && getgroups(0, nullptr) == 0;
}

bool can_go_back(std::uint32_t gid) {
  return setresuid(0, 0, 0) == 0 || (gid != 0 && setresgid(0, 0, 0) == 0);
}

struct CapabilitySets {
  Capabilities effective = 0;
  Capabilities permitted = 0;
  Capabilities inheritable = 0;

  bool operator==(const CapabilitySets&) const = default;
};

bool get_capabilities(CapabilitySets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct halves[2] = {};
  if (syscall(SYS_capget, &header, halves) != 0) return false;
  const auto joined = [](std::uint32_t low, std::uint32_t high) {
    return Capabilities{high} << 32 | low;
  };
  sets = {.effective = joined(halves[0].effective, halves[1].effective),
          .permitted = joined(halves[0].permitted, halves[1].permitted),
          .inheritable = joined(halves[0].inheritable, halves[1].inheritable)};
  return true;
}

bool set_capabilities(const CapabilitySets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct halves[2] = {};
  for (unsigned i = 0; i < 2; ++i) {
    halves[i] = {.effective = static_cast<std::uint32_t>(sets.effective >> (32 * i)),
                 .permitted = static_cast<std::uint32_t>(sets.permitted >> (32 * i)),
                 .inheritable = static_cast<std::uint32_t>(sets.inheritable >> (32 * i))};
  }
  return syscall(SYS_capset, &header, halves) == 0;
}

// Capabilities outlive the coming change of uid, for shed_capabilities() to take those away that
// are not kept. That being root means nothing more, and that no program could ever be given a
// capability, takes CAP_SETPCAP, which a container may lack: nothing leans on it.
void keep_capabilities() {
  constexpr unsigned long most = 64;
  for (unsigned long number = 0; number < most; ++number) {
    (void)prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  }
  constexpr unsigned long without_root = SECURE_ALL_BITS & ~issecure_mask(SECURE_KEEP_CAPS);
  if (prctl(PR_SET_SECUREBITS, without_root | SECURE_ALL_LOCKS, 0, 0, 0) == 0) return;
  (void)prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);  // Where it fails, the capabilities go.
}

bool limit(__rlimit_resource resource, rlim_t most) {
  const rlimit both{most, most};
  if (setrlimit(resource, &both) == 0) return true;
  // A lower hard limit than ours stands already and cannot be raised.
  rlimit present{};
  return getrlimit(resource, &present) == 0 && present.rlim_max <= most;
}

// What parsing, OpenSSL's digests, the allocator and Secret need. No call that takes a path, makes
// a descriptor, a process or a signal.
constexpr std::array parser_calls{
    SYS_read,
    SYS_write,
    SYS_close,
    SYS_pread64,
    SYS_lseek,
    SYS_fstat,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_mlock,
    SYS_munlock,
    SYS_brk,
    SYS_futex,
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigreturn,
    SYS_rt_sigprocmask,
    SYS_clock_gettime,
    SYS_getrandom,
    SYS_sched_yield,
    SYS_getpid,
    SYS_gettid,
    SYS_restart_syscall,
#ifdef SYS_mmap
    SYS_mmap,
#endif
#ifdef SYS_mmap2
    SYS_mmap2,
#endif
#ifndef __LP64__
    SYS_statx,  // The only way to the times of a file that does not end in 2038.
#endif
#ifdef SYS__llseek
    SYS__llseek,
#endif
#ifdef SYS_clock_gettime64
    SYS_clock_gettime64,
#endif
#ifdef SYS_futex_time64
    SYS_futex_time64,
#endif
};

// Address sanitizers keep their own stacks for signals.
constexpr std::array sanitizer_calls{SYS_sigaltstack, SYS_rt_sigaction, SYS_prctl};

std::vector<int> allowed_calls() {
  std::vector<int> calls;
  for (const auto call : parser_calls) calls.push_back(static_cast<int>(call));
  if (under_sanitizer) {
    for (const auto call : sanitizer_calls) calls.push_back(static_cast<int>(call));
  }
  return calls;
}

// The C library reads the zone's file at the first conversion of any time, UTC included.
void settle_time_zone() {
  (void)setenv("TZ", "UTC0", 1);  // Out of memory here only makes the parser die later.
  tzset();
}

}  // namespace

Result<Done> become(std::uint32_t uid, std::uint32_t gid, Capabilities kept) {
  const std::string who = "becoming uid " + std::to_string(uid);
  constexpr std::uint32_t unchanged = 0xffffffff;  // setresuid's word for "leave it".
  if (uid == 0 || uid == unchanged || gid == unchanged) return Error{who + ": not allowed", EINVAL};
  if (kept != 0) keep_capabilities();
  if (setgroups(0, nullptr) != 0) return failure(who + ": setgroups");
  if (setresgid(gid, gid, gid) != 0) return failure(who + ": setresgid");
  if (setresuid(uid, uid, uid) != 0) return failure(who + ": setresuid");
  // The kernel's own drop depends on securebits and on having been root, so it is not leaned on.
  if (auto shed = shed_capabilities(kept); !shed) return shed;
  if (can_go_back(gid) || !is_exactly(uid, gid)) return Error{who + ": could be taken back", EPERM};
  return Done{};
}

Result<Done> shed_capabilities(Capabilities kept) {
  // Whoever shares the new uid could attach to the process, and a change of uid makes it dumpable
  // again where fs.suid_dumpable says so.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failure("dumpable");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failure("no_new_privs");
  (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);  // capset clears them as well.
  CapabilitySets sets;
  if (!get_capabilities(sets)) return failure("capget");
  kept &= sets.permitted;
  const CapabilitySets wanted{.effective = kept, .permitted = kept, .inheritable = 0};
  if (!set_capabilities(wanted)) return failure("capset");
  if (!get_capabilities(sets) || sets != wanted) return Error{"capset: capabilities remain", EPERM};
  return Done{};
}

Result<Done> limit_worker(int parent, const WorkerLimits& limits) {
  const bool bounded = (under_sanitizer || limit(RLIMIT_AS, limits.address_space)) &&
                       (!limits.cpu_seconds || limit(RLIMIT_CPU, *limits.cpu_seconds)) &&
                       (limits.writes == FileWrites::by_kernel || limit(RLIMIT_FSIZE, 0)) &&
                       limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0);
  if (!bounded) return failure("setrlimit");
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return failure("pdeathsig");
  // A parent that died before the prctl sends nothing any more.
  if (getppid() != parent) return Error{"the parent has gone", ESRCH};
  return Done{};
}

Result<Done> forbid_opening(const Receiving& receiving) {
  settle_time_zone();
  // It holds for the numbers of new ones: those that are open above it stay.
  if (!limit(RLIMIT_NOFILE, receiving.descriptors)) return failure("setrlimit");
  std::vector<int> calls = allowed_calls();
  calls.insert(calls.end(), receiving.calls.begin(), receiving.calls.end());
  return install_filter(Filter::only_these, calls);
}

}  // namespace cfwarden
