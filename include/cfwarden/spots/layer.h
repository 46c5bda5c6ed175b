// One text among those that come out of each other as their wrappings are taken off.
#pragma once

#include "cfwarden/spots/source_map.h"

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace cfwarden {

// Counts on from where it was asked last, so that offsets that ascend cost one pass.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_{text} {}
  std::size_t line_of(std::size_t offset);  // 1-based.

 private:
  std::string_view text_;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
};

class TextLayer {
 public:
  using SourceOf = std::function<std::size_t(std::size_t offset)>;

  explicit TextLayer(std::string_view text) : text_{text}, lines_{text} {}
  // What came out of `outer`, which must outlive it, as `source_of` must.
  TextLayer(std::string_view text, TextLayer& outer, std::string_view wrapping, SourceOf source_of)
      : text_{text},
        outer_{&outer},
        wrapping_{wrapping},
        source_of_{std::move(source_of)},
        depth_{outer.depth_ + 1},
        lines_{text} {}

  std::string_view text() const { return text_; }
  std::size_t depth() const { return depth_; }  // 0: the text itself.

  std::size_t outermost(std::size_t offset) const;
  std::size_t line_of(std::size_t offset);          // In the outermost text.
  std::vector<std::string_view> wrappings() const;  // Outermost first.

 private:
  std::string_view text_;
  TextLayer* outer_ = nullptr;
  std::string_view wrapping_;
  SourceOf source_of_;
  std::size_t depth_ = 0;
  LineCounter lines_;
};

}  // namespace cfwarden
