#include "cfwarden/search/block_scan.h"

#include "cfwarden/search/native_scans.h"

#include <algorithm>

namespace cfwarden {
namespace {

bool always() {
  return true;
}

const char* scan_portable(const WindowFilter& filter, const char* at, const char* stop,
                          CandidateBlocks& found) {
  const std::size_t blocks = blocks_to_scan(at, stop);
  std::uint64_t* const each = found.candidates.data();
  std::uint64_t with_candidates = 0;
  for (std::size_t n = 0; n < blocks; ++n, at += block_size) {
    std::uint64_t candidates = 0;
    for (std::size_t i = 0; i < block_size; ++i) {
      candidates |= std::uint64_t{filter.keys[window_key(at + i)]} << i;
    }
    each[n] = candidates;
    with_candidates |= std::uint64_t{candidates != 0} << n;
  }
  found.with_candidates = with_candidates;
  return at;
}

constexpr ScanRow rows[] = {
    {Implementation::portable, false, scan_portable, always},
#if defined(__x86_64__)
    {Implementation::ssse3, true, scan_ssse3, has_ssse3},
    {Implementation::avx2, true, scan_avx2, has_avx2},
    {Implementation::avx512, true, scan_avx512, has_avx512},
#elif defined(__aarch64__)
    {Implementation::neon, true, scan_neon, always},
#endif
};

}  // namespace

std::span<const ScanRow> all_scans() {
  return rows;
}

std::vector<Implementation> implementations() {
  std::vector<Implementation> supported;
  for (const ScanRow& row : rows) {
    if (row.is_supported()) supported.push_back(row.implementation);
  }
  return supported;
}

const ScanRow& scan_of(Implementation implementation) {
  const auto* const row = std::ranges::find(rows, implementation, &ScanRow::implementation);
  return row != std::end(rows) ? *row : rows[0];
}

Implementation fastest_implementation() {
  static const Implementation fastest = implementations().back();
  return fastest;
}

}  // namespace cfwarden
