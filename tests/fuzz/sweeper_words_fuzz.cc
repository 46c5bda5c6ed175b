// A sweeper may be hit by a bug of the kernel or of ours: what it says must neither crash whoever
// hears it, nor be taken unless it is what a sweeper says, however it comes in pieces.
#include "cfwarden/sweep/sweeper_words.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = bytes[0] + std::size_t{1};
  const std::string_view said{reinterpret_cast<const char*>(bytes) + 1, size - 1};
  cfwarden::SweeperEar ear;
  std::string again;
  for (std::size_t at = 0; at < said.size(); at += piece) {
    const auto words = ear.hear(said.substr(at, piece));
    if (!words) return 0;
    for (const cfwarden::SweeperWord& word : *words) again += frame_of(word);
  }
  if (!said.starts_with(again)) std::abort();
  return 0;
}
