#if defined(__x86_64__)

#include "cfwarden/search/native_scans.h"

#include <immintrin.h>

// A look-up takes seven bits of a byte, all that a letter of ASCII has: a table for each byte of a
// window, and nothing of halves and mixtures. A byte above ASCII passes as the letter that it is
// without its eighth bit: to keep those out costs more than to look at the few windows they make.

namespace cfwarden {
namespace {

struct Table512 {
  __m512i low;
  __m512i high;
};

// Not an array: g++ would keep it in memory.
struct Tables512 {
  Table512 first;
  Table512 second;
  Table512 third;
  Table512 fourth;
};

[[gnu::target("avx512f")]] inline __m512i load512(const void* at) {
  return _mm512_loadu_si512(at);
}

[[gnu::target("avx512f")]] inline Table512 table_of(const std::array<std::uint8_t, 128>& letters) {
  return {load512(letters.data()), load512(letters.data() + block_size)};
}

[[gnu::target("avx512f,avx512bw,avx512vbmi")]] inline __m512i buckets512(const Table512& table,
                                                                         const char* at) {
  return _mm512_permutex2var_epi8(table.low, load512(at), table.high);
}

[[gnu::target("avx512f,avx512bw,avx512vbmi")]] inline std::uint64_t candidates512(
    const Tables512& tables, const char* at) {
  constexpr int in_all_three = 0x80;
  const __m512i left =
      _mm512_ternarylogic_epi32(buckets512(tables.first, at), buckets512(tables.second, at + 1),
                                buckets512(tables.third, at + 2), in_all_three);
  return _mm512_test_epi8_mask(left, buckets512(tables.fourth, at + 3));
}

}  // namespace

[[gnu::target("avx512f,avx512bw,avx512vbmi")]] const char* scan_avx512(const WindowFilter& filter,
                                                                       const char* at,
                                                                       const char* stop,
                                                                       CandidateBlocks& found) {
  const auto& [first, second, third, fourth] = filter.letters;
  const Tables512 tables{table_of(first), table_of(second), table_of(third), table_of(fourth)};
  const std::size_t blocks = blocks_to_scan(at, stop);
  std::uint64_t* const each = found.candidates.data();
  std::uint64_t with_candidates = 0;
  for (std::size_t n = 0; n < blocks; ++n, at += block_size) {
    const std::uint64_t candidates = candidates512(tables, at);
    each[n] = candidates;
    with_candidates |= std::uint64_t{candidates != 0} << n;
  }
  found.with_candidates = with_candidates;
  return at;
}

}  // namespace cfwarden

#endif
