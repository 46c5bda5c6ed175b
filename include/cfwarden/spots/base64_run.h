// The base64 around an anchor that stands inside of it, decoded as the anchor's place in its group
// of four says: other text may be glued to the run, and shift its groups.
//
// Promises  linear in the text however many anchors it has: a run is gathered once, and decoded at
//           most once for each of the four ways to divide it into groups.
#pragma once

#include "cfwarden/base/secret.h"
#include "cfwarden/spots/source_map.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cfwarden {

class Base64Run {
 public:
  explicit Base64Run(std::string_view text) : text_{text} {}

  // `at`: a letter, the one at `group_position` in its group. nullopt: decoded before, or too
  // short. Anchors come in the order of the text.
  std::optional<Secret> decode(std::size_t at, std::uint8_t group_position);

  // Where the byte of what was decoded last stands.
  std::size_t source_of(std::size_t offset) const;

 private:
  void gather(std::size_t at);
  void gather_from(std::size_t begin);
  std::size_t begin_before(std::size_t at) const;

  std::string_view text_;
  std::size_t end_ = 0;
  bool is_cut_ = false;  // The run goes on behind its end.
  Secret letters_;
  SourceMap sources_;
  std::array<bool, 4> is_decoded_{};
  std::size_t first_ = 0;  // Letter of the last decoding.
};

}  // namespace cfwarden
