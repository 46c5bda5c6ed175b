#include "cfwarden/host/syscall_filter.h"

#include "cfwarden/host/system_error.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>
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

constexpr std::uint16_t keep_bits = BPF_ALU | BPF_AND | BPF_K;

constexpr std::size_t longest_jump = 255;

constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA);
constexpr std::uint32_t be_absent = SECCOMP_RET_ERRNO | (ENOSYS & SECCOMP_RET_DATA);

// What becomes of a call, by its number; the answers stand behind all choices, in the order of
// their numbers. Behind `absent` each demand has its own.
using Verdict = std::size_t;
constexpr Verdict of_listed = 0;
constexpr Verdict of_others = 1;
constexpr Verdict of_foreign = 2;
constexpr Verdict of_absent = 3;
constexpr Verdict first_demand = 4;

struct Answers {
  std::uint32_t listed;
  std::uint32_t others;
  std::span<const Demand> demands;
};

constexpr std::size_t demand_steps = 8;

constexpr std::size_t place_of(Verdict verdict) {
  return verdict <= first_demand ? verdict : first_demand + (verdict - first_demand) * demand_steps;
}

// The numbers from `first` up to the next stretch get one verdict.
struct Stretch {
  std::uint32_t first;
  Verdict verdict;
};

// Calls that were judged, in any order: the last judgement of a call counts. Others get of_others.
using Verdicts = std::vector<Stretch>;

void judge(Verdicts& verdicts, std::span<const int> calls, Verdict verdict) {
  for (const int call : calls) verdicts.push_back({static_cast<std::uint32_t>(call), verdict});
}

std::vector<Stretch> stretches_of(Verdicts verdicts) {
  std::ranges::stable_sort(verdicts, {}, &Stretch::first);
  std::vector<Stretch> stretches{{0, of_others}};
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const auto [number, verdict] = verdicts[i];
    if (i + 1 < verdicts.size() && verdicts[i + 1].first == number) continue;
    if (number == stretches.back().first) stretches.pop_back();
    if (stretches.empty() || stretches.back().verdict != verdict) {
      stretches.push_back({number, verdict});
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
    const std::size_t to =
        decided ? verdicts_ + place_of(stretches.front().verdict) : program_.size();
    if (!decided) append(stretches);
    return static_cast<std::uint8_t>(to - from - 1);
  }

  std::vector<sock_filter>& program_;
  std::size_t verdicts_;  // Where they stand.
};

// The low half of an argument stands first.
static_assert(std::endian::native == std::endian::little);

// A half of which nothing is demanded is 0 once it is masked, as it shall be.
void append_demand(std::vector<sock_filter>& program, const Demand& demand, std::uint32_t met,
                   std::uint32_t otherwise) {
  constexpr unsigned half = 32;
  const auto low = static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                              demand.argument * sizeof(std::uint64_t));
  const auto high = static_cast<std::uint32_t>(low + sizeof(std::uint32_t));
  program.push_back({load_word, 0, 0, low});
  program.push_back({keep_bits, 0, 0, static_cast<std::uint32_t>(demand.mask)});
  program.push_back({jump_if_equal, 0, 4, static_cast<std::uint32_t>(demand.value)});
  program.push_back({load_word, 0, 0, high});
  program.push_back({keep_bits, 0, 0, static_cast<std::uint32_t>(demand.mask >> half)});
  program.push_back({jump_if_equal, 0, 1, static_cast<std::uint32_t>(demand.value >> half)});
  program.push_back({give, 0, 0, met});
  program.push_back({give, 0, 0, otherwise});
}

std::vector<sock_filter> assemble(const Answers& answers, std::span<const Stretch> stretches) {
  std::vector<sock_filter> program{
      {load_word, 0, 0, offsetof(seccomp_data, arch)},
      {jump_if_equal, 1, 0, native_abi},
      {give, 0, 0, SECCOMP_RET_KILL_PROCESS},
      {load_word, 0, 0, offsetof(seccomp_data, nr)},
  };
  Choices{program, stretches.size() - 1}.append(stretches);
  for (const std::uint32_t verdict :
       {answers.listed, answers.others, std::uint32_t{SECCOMP_RET_KILL_PROCESS}, be_absent}) {
    program.push_back({give, 0, 0, verdict});
  }
  for (const Demand& demand : answers.demands) {
    append_demand(program, demand, answers.listed, answers.others);
  }
  return program;
}

Result<Done> install(const Answers& answers, Verdicts verdicts) {
  if (native_abi == 0) return Error{"seccomp: this architecture is not known", ENOSYS};
  const std::vector<Stretch> stretches = stretches_of(std::move(verdicts));
  // From the first choice to the last answer.
  if (stretches.size() + place_of(first_demand + answers.demands.size()) > longest_jump)
    return Error{"seccomp: too many calls", E2BIG};
  std::vector<sock_filter> program = assemble(answers, stretches);
  const sock_fprog shown{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("no_new_privs", errno);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &shown, 0, 0) != 0)
    return system_error("seccomp", errno);
  return Done{};
}

}  // namespace

Result<Done> install_filter(Filter filter, std::span<const int> calls) {
  Verdicts verdicts;
  judge(verdicts, calls, of_listed);
  return filter == Filter::only_these
             ? install({SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS, {}}, std::move(verdicts))
             : install({refuse, SECCOMP_RET_ALLOW, {}}, std::move(verdicts));
}

Result<Done> install_filter(const AllowedCalls& allowed) {
  Verdicts verdicts;
  judge(verdicts, allowed.calls, of_listed);
  judge(verdicts, allowed.absent, of_absent);
  Verdict next = first_demand;
  for (const Demand& demand : allowed.demands) {
    verdicts.push_back({static_cast<std::uint32_t>(demand.call), next++});
  }
  return install({SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS, allowed.demands},
                 std::move(verdicts));
}

}  // namespace cfwarden
