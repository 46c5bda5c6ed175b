#include "cfwarden/sweep/system_calls.h"

#include <array>

#include <sys/syscall.h>

namespace cfwarden {

namespace {

constexpr std::array calls{
    int{SYS_openat},
    int{SYS_openat2},
    int{SYS_close},
    int{SYS_getdents64},
    int{SYS_lseek},
    int{SYS_fstat},
    int{SYS_statx},
    int{SYS_pread64},
    int{SYS_read},
    int{SYS_fcntl},
    int{SYS_prlimit64},
    int{SYS_nanosleep},
    int{SYS_clock_nanosleep},
    int{SYS_brk},
    int{SYS_munmap},
    int{SYS_mremap},
    int{SYS_mprotect},
    int{SYS_madvise},
    int{SYS_futex},
    int{SYS_clone},
    int{SYS_clone3},
    int{SYS_set_robust_list},
    int{SYS_rseq},
    int{SYS_rt_sigprocmask},
    int{SYS_rt_sigaction},
    int{SYS_rt_sigreturn},
    int{SYS_sched_yield},
    int{SYS_sched_getaffinity},
    int{SYS_getrandom},
    int{SYS_clock_gettime},
    int{SYS_getpid},
    int{SYS_gettid},
    int{SYS_restart_syscall},
    int{SYS_exit},
    int{SYS_exit_group},
#ifdef SYS_fstatfs
    int{SYS_fstatfs},
#endif
#ifdef SYS_fstatfs64
    int{SYS_fstatfs64},
#endif
#ifdef SYS_newfstatat
    int{SYS_newfstatat},
#endif
#ifdef SYS_fstatat64
    int{SYS_fstatat64},
#endif
#ifdef SYS_mmap
    int{SYS_mmap},
#endif
#ifdef SYS_mmap2
    int{SYS_mmap2},
#endif
#ifdef SYS__llseek
    int{SYS__llseek},
#endif
#ifdef SYS_fcntl64
    int{SYS_fcntl64},
#endif
#ifdef SYS_futex_time64
    int{SYS_futex_time64},
#endif
#ifdef SYS_clock_nanosleep_time64
    int{SYS_clock_nanosleep_time64},
#endif
#ifdef SYS_clock_gettime64
    int{SYS_clock_gettime64},
#endif
};

}  // namespace

std::span<const int> sweep_calls() {
  return calls;
}

}  // namespace cfwarden
