#if defined(__x86_64__)

#include "cfwarden/search/native_scans.h"

#include <cpuid.h>
#include <immintrin.h>

// Three things keep g++ from twice the time: the results are put together one after the other, a
// half of a block at a time, or the tables no longer fit into the registers; and what is written
// goes through a pointer of the loop's own.

namespace cfwarden {
namespace {

struct Tables128 {
  __m128i of[trait_count];
};

struct Tables256 {
  __m256i of[trait_count];
};

[[gnu::target("ssse3")]] inline __m128i load128(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

[[gnu::target("ssse3")]] inline __m128i mixtures128(__m128i first, __m128i second) {
  const __m128i mixed = _mm_xor_si128(first, _mm_slli_epi16(second, 2));
  return _mm_and_si128(_mm_srli_epi16(mixed, 4), _mm_set1_epi8(0x0F));
}

// A shuffle takes the low half of a byte for its index, and answers 0 for a byte above ASCII.
[[gnu::target("ssse3")]] inline std::uint64_t candidates128(const Tables128& tables,
                                                            const char* at) {
  __m128i first = load128(at);
  __m128i second = load128(at + 1);
  __m128i left = _mm_shuffle_epi8(tables.of[0], first);
  left = _mm_and_si128(left, _mm_shuffle_epi8(tables.of[1], second));
  left = _mm_and_si128(left, _mm_shuffle_epi8(tables.of[4], mixtures128(first, second)));
  first = load128(at + 2);
  second = load128(at + 3);
  left = _mm_and_si128(left, _mm_shuffle_epi8(tables.of[2], first));
  left = _mm_and_si128(left, _mm_shuffle_epi8(tables.of[3], second));
  left = _mm_and_si128(left, _mm_shuffle_epi8(tables.of[5], mixtures128(first, second)));
  const __m128i none = _mm_cmpeq_epi8(left, _mm_setzero_si128());
  return ~static_cast<unsigned>(_mm_movemask_epi8(none)) & 0xFFFFU;
}

[[gnu::target("avx2")]] inline __m256i load256(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

[[gnu::target("avx2")]] inline __m256i mixtures256(__m256i first, __m256i second) {
  const __m256i mixed = _mm256_xor_si256(first, _mm256_slli_epi16(second, 2));
  return _mm256_and_si256(_mm256_srli_epi16(mixed, 4), _mm256_set1_epi8(0x0F));
}

[[gnu::target("avx2")]] inline std::uint64_t candidates256(const Tables256& tables,
                                                           const char* at) {
  __m256i first = load256(at);
  __m256i second = load256(at + 1);
  __m256i left = _mm256_shuffle_epi8(tables.of[0], first);
  left = _mm256_and_si256(left, _mm256_shuffle_epi8(tables.of[1], second));
  left = _mm256_and_si256(left, _mm256_shuffle_epi8(tables.of[4], mixtures256(first, second)));
  first = load256(at + 2);
  second = load256(at + 3);
  left = _mm256_and_si256(left, _mm256_shuffle_epi8(tables.of[2], first));
  left = _mm256_and_si256(left, _mm256_shuffle_epi8(tables.of[3], second));
  left = _mm256_and_si256(left, _mm256_shuffle_epi8(tables.of[5], mixtures256(first, second)));
  const __m256i none = _mm256_cmpeq_epi8(left, _mm256_setzero_si256());
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
}

// What the processor has, and which registers the system saves: bits of XCR0.
struct Processor {
  unsigned ecx1 = 0;  // By register and leaf.
  unsigned ebx7 = 0;
  unsigned ecx7 = 0;
  unsigned saved = 0;
};

[[gnu::target("xsave")]] unsigned saved_registers() {
  return static_cast<unsigned>(_xgetbv(0));
}

// Not __builtin_cpu_supports: it brings code that asks at the start of every program it is in, and
// in a virtual machine each question costs microseconds.
Processor asked() {
  Processor processor;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned edx = 0;
  const auto last = static_cast<unsigned>(__get_cpuid_max(0, nullptr));
  if (last >= 1) __cpuid(1, eax, ebx, processor.ecx1, edx);
  if (last >= 7) __cpuid_count(7, 0, eax, processor.ebx7, processor.ecx7, edx);
  if ((processor.ecx1 & bit_OSXSAVE) != 0) processor.saved = saved_registers();
  return processor;
}

const Processor& processor() {
  static const Processor one = asked();
  return one;
}

constexpr bool has_all(unsigned bits, unsigned wanted) {
  return (bits & wanted) == wanted;
}

}  // namespace

[[gnu::target("ssse3")]] const char* scan_ssse3(const WindowFilter& filter, const char* at,
                                                const char* stop, CandidateBlocks& found) {
  Tables128 tables;
  for (std::size_t i = 0; i < trait_count; ++i) {
    tables.of[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(filter.buckets[i].data()));
  }
  const std::size_t blocks = blocks_to_scan(at, stop);
  std::uint64_t* const each = found.candidates.data();
  std::uint64_t with_candidates = 0;
  for (std::size_t n = 0; n < blocks; ++n, at += block_size) {
    const std::uint64_t candidates =
        candidates128(tables, at) | candidates128(tables, at + 16) << 16 |
        candidates128(tables, at + 32) << 32 | candidates128(tables, at + 48) << 48;
    each[n] = candidates;
    with_candidates |= std::uint64_t{candidates != 0} << n;
  }
  found.with_candidates = with_candidates;
  return at;
}

[[gnu::target("avx2")]] const char* scan_avx2(const WindowFilter& filter, const char* at,
                                              const char* stop, CandidateBlocks& found) {
  Tables256 tables;
  for (std::size_t i = 0; i < trait_count; ++i) {
    tables.of[i] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(filter.buckets[i].data())));
  }
  const std::size_t blocks = blocks_to_scan(at, stop);
  std::uint64_t* const each = found.candidates.data();
  std::uint64_t with_candidates = 0;
  for (std::size_t n = 0; n < blocks; ++n, at += block_size) {
    const std::uint64_t candidates = candidates256(tables, at) | candidates256(tables, at + 32)
                                                                     << 32;
    each[n] = candidates;
    with_candidates |= std::uint64_t{candidates != 0} << n;
  }
  found.with_candidates = with_candidates;
  return at;
}

bool has_ssse3() {
  return has_all(processor().ecx1, bit_SSSE3);
}

bool has_avx2() {
  constexpr unsigned wide_registers = 0x06;
  return has_all(processor().saved, wide_registers) && has_all(processor().ecx1, bit_AVX) &&
         has_all(processor().ebx7, bit_AVX2);
}

bool has_avx512() {
  constexpr unsigned widest_registers_and_masks = 0xE6;
  return has_all(processor().saved, widest_registers_and_masks) &&
         has_all(processor().ebx7, bit_AVX512F | bit_AVX512BW) &&
         has_all(processor().ecx7, bit_AVX512VBMI);
}

}  // namespace cfwarden

#endif
