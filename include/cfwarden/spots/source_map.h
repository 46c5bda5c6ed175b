// Where each letter of a text stands in the text that it was taken out of.
#pragma once

#include <cstddef>
#include <vector>

namespace cfwarden {

class SourceMap {
 public:
  void append(std::size_t source);  // Of the next letter. Sources ascend.

  std::size_t size() const { return size_; }
  // Of a letter that was appended.
  std::size_t source_of(std::size_t letter) const;
  // The letter that stands there, or the last one before it.
  std::size_t letter_at(std::size_t source) const;

 private:
  // From here on each letter takes up `stride` bytes of the source.
  struct Stretch {
    std::size_t letter = 0;
    std::size_t source = 0;
    std::size_t stride = 1;
  };

  std::vector<Stretch> stretches_;
  std::size_t size_ = 0;
};

}  // namespace cfwarden
