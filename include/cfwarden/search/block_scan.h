// The inner loop of a search, once for each sort of processor: where may a window begin?
//
// Supplies  the scans that this program has, and whether this processor can run them.
// Expects   a multiple of 64 bytes from `at` to `stop`, and window_size - 1 readable ones behind.
// Promises  A superset of the places where a literal's window begins. No branch depends on the
//           bytes: text that is full of candidates is scanned as fast as any other.
#pragma once

#include "cfwarden/search/window_filter.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t block_size = 64;

enum class Implementation { portable, neon, ssse3, avx2, avx512 };

inline constexpr std::size_t blocks_at_a_time = 64;

// Not initialised: only the blocks that have candidates are ever looked at.
struct CandidateBlocks {
  std::uint64_t with_candidates;  // Bit n: the block n, from where the scan began, has some.
  std::array<std::uint64_t, blocks_at_a_time>
      candidates;  // Bit n: a window may begin at its byte n.
};

// Looks at no more blocks than are taken at a time; returns where to go on.
using BlockScan = const char* (*)(const WindowFilter& filter, const char* at, const char* stop,
                                  CandidateBlocks& found);

inline std::size_t blocks_to_scan(const char* at, const char* stop) {
  return std::min(static_cast<std::size_t>(stop - at) / block_size, blocks_at_a_time);
}

struct ScanRow {
  Implementation implementation;
  bool needs_buckets;
  BlockScan scan;
  bool (*is_supported)();
};

// The slowest first. Portable is always there, always supported, and needs keys only.
std::span<const ScanRow> all_scans();

// Those that this processor can run.
std::vector<Implementation> implementations();

const ScanRow& scan_of(Implementation implementation);

// Asks the processor, once.
Implementation fastest_implementation();

}  // namespace cfwarden
