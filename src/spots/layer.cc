#include "cfwarden/spots/layer.h"

#include <algorithm>

namespace cfwarden {

std::size_t LineCounter::line_of(std::size_t offset) {
  if (offset < counted_) {
    counted_ = 0;
    line_ = 1;
  }
  const std::string_view between = text_.substr(counted_, offset - counted_);
  line_ += static_cast<std::size_t>(std::ranges::count(between, '\n'));
  counted_ = offset;
  return line_;
}

std::size_t TextLayer::outermost(std::size_t offset) const {
  if (outer_ == nullptr) return offset;
  return outer_->outermost(source_of_(offset));
}

std::size_t TextLayer::line_of(std::size_t offset) {
  // A byte of UTF-16 may look like a line break, and the layer is all of the text.
  const bool counts = outer_ == nullptr || (depth_ == 1 && wrapping_ == "utf-16");
  return counts ? lines_.line_of(offset) : outer_->line_of(source_of_(offset));
}

std::vector<std::string_view> TextLayer::wrappings() const {
  std::vector<std::string_view> names;
  for (const TextLayer* layer = this; layer->outer_ != nullptr; layer = layer->outer_) {
    names.push_back(layer->wrapping_);
  }
  std::ranges::reverse(names);
  return names;
}

}  // namespace cfwarden
