#if defined(__aarch64__)

#include "cfwarden/search/native_scans.h"

#include <arm_neon.h>

namespace cfwarden {
namespace {

struct Tables {
  uint8x16_t of[trait_count];
};

inline uint8x16_t load(const char* at) {
  return vld1q_u8(reinterpret_cast<const std::uint8_t*>(at));
}

inline uint8x16_t low_halves(uint8x16_t bytes) {
  return vandq_u8(bytes, vdupq_n_u8(0x0F));
}

inline uint8x16_t mixtures(uint8x16_t first, uint8x16_t second) {
  return vshrq_n_u8(veorq_u8(first, vshlq_n_u8(second, 2)), 4);
}

// All bits of a byte are set where a window may begin.
inline uint8x16_t candidates_at(const Tables& tables, const char* at) {
  const uint8x16_t first = load(at);
  const uint8x16_t second = load(at + 1);
  const uint8x16_t third = load(at + 2);
  const uint8x16_t fourth = load(at + 3);
  uint8x16_t left = vqtbl1q_u8(tables.of[0], low_halves(first));
  left = vandq_u8(left, vqtbl1q_u8(tables.of[1], low_halves(second)));
  left = vandq_u8(left, vqtbl1q_u8(tables.of[2], low_halves(third)));
  left = vandq_u8(left, vqtbl1q_u8(tables.of[3], low_halves(fourth)));
  left = vandq_u8(left, vqtbl1q_u8(tables.of[4], mixtures(first, second)));
  left = vandq_u8(left, vqtbl1q_u8(tables.of[5], mixtures(third, fourth)));
  return vtstq_u8(left, left);
}

// One bit for each of 64 bytes: each byte keeps the bit of its place, and neighbours are added.
inline std::uint64_t block_at(const Tables& tables, const char* at) {
  alignas(16) constexpr std::uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                   1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t place = vld1q_u8(places);
  const uint8x16_t front = vpaddq_u8(vandq_u8(candidates_at(tables, at), place),
                                     vandq_u8(candidates_at(tables, at + 16), place));
  const uint8x16_t back = vpaddq_u8(vandq_u8(candidates_at(tables, at + 32), place),
                                    vandq_u8(candidates_at(tables, at + 48), place));
  const uint8x16_t both = vpaddq_u8(front, back);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(both, both)), 0);
}

}  // namespace

const char* scan_neon(const WindowFilter& filter, const char* at, const char* stop,
                      CandidateBlocks& found) {
  Tables tables;
  for (std::size_t i = 0; i < trait_count; ++i) {
    tables.of[i] = vld1q_u8(filter.buckets[i].data());
  }
  const std::size_t blocks = blocks_to_scan(at, stop);
  std::uint64_t* const each = found.candidates.data();
  std::uint64_t with_candidates = 0;
  for (std::size_t n = 0; n < blocks; ++n, at += block_size) {
    const std::uint64_t candidates = block_at(tables, at);
    each[n] = candidates;
    with_candidates |= std::uint64_t{candidates != 0} << n;
  }
  found.with_candidates = with_candidates;
  return at;
}

}  // namespace cfwarden

#endif
