#include "cfwarden/host/syscall_filter.h"

#include "cfwarden/host/system_error.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cfwarden {
namespace {

// Numbers mean other calls in another ABI, so the filter first asks which one was used.
#if defined(__x86_64__) && !defined(__ILP32__)
constexpr std::uint32_t native_abi = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && defined(__LP64__)
constexpr std::uint32_t native_abi = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t native_abi = AUDIT_ARCH_RISCV64;
#elif defined(__ARM_EABI__) && defined(__ARMEL__)
constexpr std::uint32_t native_abi = AUDIT_ARCH_ARM;
#elif defined(__i386__)
constexpr std::uint32_t native_abi = AUDIT_ARCH_I386;
#else
constexpr std::uint32_t native_abi = 0;
#endif

// x32 shares x86-64's ABI word and sets this bit in the number; no native call has it.
constexpr std::uint32_t foreign_numbers = 0x40000000;

constexpr std::uint16_t load_word = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t jump_if_equal = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t jump_if_at_least = BPF_JMP | BPF_JGE | BPF_K;
constexpr std::uint16_t answer = BPF_RET | BPF_K;

constexpr std::size_t longest_jump = 255;

constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA);

std::vector<sock_filter> assemble(std::uint32_t listed, std::uint32_t otherwise,
                                  std::span<const int> calls) {
  std::vector<sock_filter> program{
      {load_word, 0, 0, offsetof(seccomp_data, arch)},
      {jump_if_equal, 1, 0, native_abi},
      {answer, 0, 0, SECCOMP_RET_KILL_PROCESS},
      {load_word, 0, 0, offsetof(seccomp_data, nr)},
      {jump_if_at_least, 0, 1, foreign_numbers},
      {answer, 0, 0, SECCOMP_RET_KILL_PROCESS},
  };
  // Each call that is listed jumps over those behind it and over the answer to all others.
  for (std::size_t behind = calls.size(); const int call : calls) {
    const auto over = static_cast<std::uint8_t>(behind--);
    program.push_back({jump_if_equal, over, 0, static_cast<std::uint32_t>(call)});
  }
  program.push_back({answer, 0, 0, otherwise});
  program.push_back({answer, 0, 0, listed});
  return program;
}

}  // namespace

Result<Done> install_filter(Filter filter, std::span<const int> calls) {
  if (native_abi == 0) return Error{"seccomp: this architecture is not known", ENOSYS};
  if (calls.size() > longest_jump) return Error{"seccomp: too many calls", E2BIG};
  std::vector<sock_filter> program =
      filter == Filter::only_these ? assemble(SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS, calls)
                                   : assemble(refuse, SECCOMP_RET_ALLOW, calls);
  const sock_fprog shown{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("no_new_privs", errno);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &shown, 0, 0) != 0)
    return system_error("seccomp", errno);
  return Done{};
}

}  // namespace cfwarden
