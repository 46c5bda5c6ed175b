#include "cfwarden/spots/source_map.h"

#include <algorithm>
#include <iterator>

namespace cfwarden {

void SourceMap::append(std::size_t source) {
  const std::size_t letter = size_++;
  if (!stretches_.empty()) {
    Stretch& last = stretches_.back();
    const std::size_t letters = letter - last.letter;
    if (letters == 1) last.stride = source - last.source;
    if (source == last.source + letters * last.stride) return;
  }
  stretches_.push_back({.letter = letter, .source = source});
}

std::size_t SourceMap::source_of(std::size_t letter) const {
  const auto behind = std::ranges::upper_bound(stretches_, letter, {}, &Stretch::letter);
  if (behind == stretches_.begin()) return 0;
  const Stretch& stretch = *std::prev(behind);
  return stretch.source + (letter - stretch.letter) * stretch.stride;
}

std::size_t SourceMap::letter_at(std::size_t source) const {
  const auto behind = std::ranges::upper_bound(stretches_, source, {}, &Stretch::source);
  if (behind == stretches_.begin()) return 0;
  const Stretch& stretch = *std::prev(behind);
  const std::size_t end = behind == stretches_.end() ? size_ : behind->letter;
  return std::min(stretch.letter + (source - stretch.source) / stretch.stride, end - 1);
}

}  // namespace cfwarden
