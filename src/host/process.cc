#include "cfwarden/host/process.h"

#include "cfwarden/host/syscall_filter.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cfwarden {
namespace {

// A descriptor that is closed at start would be given to the next file that is opened, and what is
// meant for the terminal would be written there.
void open_standard_streams() {
  for (const int fd : {0, 1, 2}) {
    if (fcntl(fd, F_GETFD) < 0) {
      (void)open("/dev/null", O_RDWR);  // It gets the lowest free number: this one.
    }
  }
}

// Settings that make the C library, OpenSSL or ourselves open files that the caller chose.
constexpr std::array<std::string_view, 15> foreign_names{
    "HOME",        "TMPDIR",          "LOCPATH",         "NLSPATH",     "GCONV_PATH",
    "TZ",          "TZDIR",           "OPENSSL_CONF",    "HOSTALIASES", "LOCALDOMAIN",
    "RES_OPTIONS", "OPENSSL_ENGINES", "OPENSSL_MODULES", "LANGUAGE",    "OPENSSL_CONF_INCLUDE"};
constexpr std::array<std::string_view, 2> foreign_prefixes{"XDG_", "CFWARDEN_"};

bool is_foreign(std::string_view name) {
  return std::ranges::find(foreign_names, name) != foreign_names.end() ||
         std::ranges::any_of(foreign_prefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

void forget_callers_settings() {
  std::vector<std::string> forgotten;
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string_view text{*variable};
    const std::string_view name = text.substr(0, text.find('='));
    if (is_foreign(name)) forgotten.emplace_back(name);
  }
  for (const std::string& name : forgotten) unsetenv(name.c_str());
}

void set_action(int signal, void (*action)(int)) {
  struct sigaction wanted {};
  wanted.sa_handler = action;
  sigaction(signal, &wanted, nullptr);
}

bool close_span(unsigned first, unsigned last) {
  return first > last || syscall(SYS_close_range, first, last, 0) == 0;
}

// For kernels before 5.9 and container filters that refuse close_range.
void close_listed_but(std::span<const int> kept) {
  std::vector<int> found;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return;
  while (const dirent* entry = readdir(directory)) {
    const std::string_view name{entry->d_name};
    int fd = -1;
    const bool is_number = std::from_chars(name.begin(), name.end(), fd).ec == std::errc{};
    if (is_number && fd != dirfd(directory)) found.push_back(fd);
  }
  closedir(directory);
  for (const int fd : found) {
    if (!std::ranges::binary_search(kept, fd)) close(fd);
  }
}

volatile std::sig_atomic_t interrupt_seen = 0;

void note_interrupt(int) {
  interrupt_seen = 1;
}

// What no part of the audit needs once users and groups are known. Absent names are calls that
// this architecture or these kernel headers do not have.
constexpr std::array refused_calls{
    SYS_socket,
    SYS_socketpair,
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_bpf,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_open_by_handle_at,
    SYS_acct,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_syslog,
    SYS_vhangup,
    SYS_personality,
    SYS_quotactl,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
#ifdef SYS_process_madvise
    SYS_process_madvise,
#endif
#ifdef SYS_open_tree
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
#endif
#ifdef SYS_mount_setattr
    SYS_mount_setattr,
#endif
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
#endif
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
#endif
#ifdef SYS_modify_ldt
    SYS_modify_ldt,
#endif
};

// A low soft limit would turn directories with many credentials into gaps.
void use_all_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void harden_process() {
  open_standard_streams();
  constexpr std::array standard_streams{0, 1, 2};
  close_all_but(standard_streams);
  umask(077);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  use_all_descriptors();
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  set_action(SIGPIPE, SIG_IGN);
  set_action(SIGXFSZ, SIG_IGN);  // A limit on sizes is then an error like any other.
  // Inherited as ignored it would reap our workers behind our back, and their pids be reused.
  set_action(SIGCHLD, SIG_DFL);
  if (geteuid() != 0 && getauxval(AT_SECURE) == 0) return;
  forget_callers_settings();
  (void)setgroups(0, nullptr);  // A user namespace may forbid it; workers insist for themselves.
}

Result<Done> confine_supervisor() {
  std::vector<int> calls;
  for (const auto call : refused_calls) calls.push_back(static_cast<int>(call));
  return install_filter(Filter::not_these, calls);
}

bool proc_is_genuine() {
  const int fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  const bool genuine = is_root_of_proc(fd);
  close(fd);
  return genuine;
}

bool is_root_of_proc(int directory) {
  constexpr ino_t root_inode = 1;  // Of every procfs; a directory of it bound to /proc has another.
  struct statfs system {};
  struct stat root {};
  return fstatfs(directory, &system) == 0 && system.f_type == PROC_SUPER_MAGIC &&
         fstat(directory, &root) == 0 && root.st_ino == root_inode;
}

bool has_capability(int capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  if (capability < 0 || capability > 63 || syscall(SYS_capget, &header, sets) != 0) return false;
  const auto number = static_cast<unsigned>(capability);
  return (sets[number / 32].effective >> (number % 32) & 1U) != 0;
}

void close_all_but(std::span<const int> kept) {
  unsigned first = 0;
  bool closed = true;
  for (const int fd : kept) {
    const auto number = static_cast<unsigned>(fd);
    if (number > first) closed = closed && close_span(first, number - 1);
    first = number + 1;
  }
  closed = closed && close_span(first, std::numeric_limits<unsigned>::max());
  if (!closed) close_listed_but(kept);
}

void watch_interrupts() {
  set_action(SIGINT, note_interrupt);
  set_action(SIGTERM, note_interrupt);
}

bool interrupted() {
  return interrupt_seen != 0;
}

void forget_interrupt() {
  interrupt_seen = 0;
}

}  // namespace cfwarden
