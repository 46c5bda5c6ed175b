// What text may be wrapped in, besides base64: how each is told at an anchor, and taken off.
//
// Promises  a region is at most max_object_bytes long on each side of the anchor, UTF-16 alone goes
//           to the ends of the text. Work is linear in the region.
//
// To add a wrapping, add its row in src/spots/wrapping.cc.
#pragma once

#include "cfwarden/base/plain_byte.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/search/anchors.h"
#include "cfwarden/spots/source_map.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace cfwarden {

// Where in a text an anchor stands.
struct AnchorPlace {
  const Anchor& anchor;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Region {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Wrapping {
  std::string_view name;  // Stable: printed in reports.
  bool (*is_around)(std::string_view text, const AnchorPlace& place);
  Region (*region)(std::string_view text, const AnchorPlace& place);
  PlainByte (*next)(std::string_view rest);  // Of what is left of the region; never empty.
};

std::span<const Wrapping> text_wrappings();

// The wrapping that a text names itself by its first wrapping_mark_bytes, as UTF-16 does; nullptr
// for any other text.
inline constexpr std::size_t wrapping_mark_bytes = 2;
const Wrapping* wrapping_of_all(std::string_view text);

struct Peeled {
  Secret bytes;
  SourceMap sources;  // A letter is a byte of `bytes`.
};

Peeled peel(const Wrapping& wrapping, std::string_view text, const Region& region);

}  // namespace cfwarden
