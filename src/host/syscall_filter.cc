#include "cfwarden/host/syscall_filter.h"

#include "cfwarden/host/system_error.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <algorithm>
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
constexpr std::uint16_t give = BPF_RET | BPF_K;

constexpr std::size_t longest_jump = 255;

constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA);

// The three verdicts stand behind all choices, in this order.
enum Verdict : std::uint8_t { of_listed, of_others, of_foreign };

// The numbers from `first` up to the next stretch get one verdict.
struct Stretch {
  std::uint32_t first;
  Verdict verdict;
};

std::vector<Stretch> stretches_of(std::span<const int> calls) {
  std::vector<int> sorted{calls.begin(), calls.end()};
  std::ranges::sort(sorted);
  std::vector<Stretch> stretches{{0, of_others}};
  for (const int call : sorted) {
    const auto number = static_cast<std::uint32_t>(call);
    if (number < stretches.back().first) continue;  // Listed twice.
    if (number == stretches.back().first) stretches.pop_back();
    if (stretches.empty() || stretches.back().verdict != of_listed) {
      stretches.push_back({number, of_listed});
    }
    stretches.push_back({number + 1, of_others});
  }
  stretches.push_back({foreign_numbers, of_foreign});
  return stretches;
}

// A tree of choices: the kernel walks the program once for every number there is before it takes
// the filter, and a comparison with each call in turn would cost more than the rest of the start.
class Choices {
 public:
  Choices(std::vector<sock_filter>& program, std::size_t count)
      : program_{program}, verdicts_{program.size() + count} {}

  void append(std::span<const Stretch> stretches) {
    const std::size_t here = program_.size();
    const std::size_t middle = stretches.size() / 2;
    program_.push_back({jump_if_at_least, 0, 0, stretches[middle].first});
    const std::uint8_t below = jump_to(stretches.first(middle), here);
    const std::uint8_t above = jump_to(stretches.subspan(middle), here);
    program_[here].jf = below;
    program_[here].jt = above;
  }

 private:
  std::uint8_t jump_to(std::span<const Stretch> stretches, std::size_t from) {
    const bool decided = stretches.size() == 1;
    const std::size_t to = decided ? verdicts_ + stretches.front().verdict : program_.size();
    if (!decided) append(stretches);
    return static_cast<std::uint8_t>(to - from - 1);
  }

  std::vector<sock_filter>& program_;
  std::size_t verdicts_;  // Where they stand.
};

std::vector<sock_filter> assemble(std::uint32_t listed, std::uint32_t otherwise,
                                  std::span<const Stretch> stretches) {
  std::vector<sock_filter> program{
      {load_word, 0, 0, offsetof(seccomp_data, arch)},
      {jump_if_equal, 1, 0, native_abi},
      {give, 0, 0, SECCOMP_RET_KILL_PROCESS},
      {load_word, 0, 0, offsetof(seccomp_data, nr)},
  };
  Choices{program, stretches.size() - 1}.append(stretches);
  for (const std::uint32_t verdict : {listed, otherwise, std::uint32_t{SECCOMP_RET_KILL_PROCESS}}) {
    program.push_back({give, 0, 0, verdict});
  }
  return program;
}

}  // namespace

Result<Done> install_filter(Filter filter, std::span<const int> calls) {
  if (native_abi == 0) return Error{"seccomp: this architecture is not known", ENOSYS};
  const std::vector<Stretch> stretches = stretches_of(calls);
  // From the first choice to the last answer.
  if (stretches.size() > longest_jump) return Error{"seccomp: too many calls", E2BIG};
  std::vector<sock_filter> program =
      filter == Filter::only_these
          ? assemble(SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS, stretches)
          : assemble(refuse, SECCOMP_RET_ALLOW, stretches);
  const sock_fprog shown{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("no_new_privs", errno);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &shown, 0, 0) != 0)
    return system_error("seccomp", errno);
  return Done{};
}

}  // namespace cfwarden
