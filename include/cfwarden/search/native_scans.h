// The scans for the one sort of processor that this program is compiled for: none for some.
#pragma once

#include "cfwarden/search/block_scan.h"

namespace cfwarden {

const char* scan_avx512(const WindowFilter& filter, const char* at, const char* stop,
                        CandidateBlocks& found);
const char* scan_avx2(const WindowFilter& filter, const char* at, const char* stop,
                      CandidateBlocks& found);
const char* scan_ssse3(const WindowFilter& filter, const char* at, const char* stop,
                       CandidateBlocks& found);
const char* scan_neon(const WindowFilter& filter, const char* at, const char* stop,
                      CandidateBlocks& found);

bool has_avx512();
bool has_avx2();
bool has_ssse3();

}  // namespace cfwarden
