// Every occurrence of many literals, found in one pass over a text.
//
// Supplies  MultiSearch, built once and then asked by any number of threads at a time.
// Expects   literals of four bytes and more, 65,535 at most; they are copied.
// Promises  Overlapping occurrences count. No byte outside the text is read. What the processor can
//           do is asked when the first search is built, never at the start of the program.
#pragma once

#include "cfwarden/search/block_scan.h"
#include "cfwarden/search/window_filter.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct Hit {
  std::size_t offset = 0;
  std::size_t literal = 0;  // Its index in the span that the search was built from.

  auto operator<=>(const Hit&) const = default;
};

class MultiSearch {
 public:
  explicit MultiSearch(std::span<const Literal> literals);
  // With `choices` that were made before, by choose_windows: made anew they take a millisecond.
  MultiSearch(std::span<const Literal> literals, Implementation implementation,
              std::span<const WindowChoice> choices = {});

  // By offset, then by literal. A text of nothing but occurrences makes as many hits: search what
  // may be hostile in pieces that overlap by longest() - 1.
  std::vector<Hit> hits_in(std::string_view text) const;

  // Whether there is any. Ends at the first.
  bool has_hit_in(std::string_view text) const;

  std::size_t longest() const { return longest_; }

 private:
  struct Entry {
    std::string bytes;  // Of a literal in any letter case: in lower case.
    LetterCase letter_case = LetterCase::exact;
    std::size_t shift = 0;   // Where its window begins.
    std::uint16_t next = 0;  // The next entry in the same slot, from 1; 0 ends the chain.
  };

  // `take` is called for each hit, and says whether to go on.
  template <class Take>
  void search(std::string_view text, Take take) const;
  template <class Take>
  bool scan(std::string_view text, std::string_view blocks, std::size_t first, Take& take) const;
  template <class Take>
  bool verify(std::string_view text, std::size_t window, Take& take) const;

  BlockScan scan_ = nullptr;
  WindowFilter filter_;
  std::vector<Entry> entries_;
  std::vector<std::uint16_t> slots_;  // By the key of a window: the first entry, from 1; or 0.
  std::size_t longest_ = 0;
};

}  // namespace cfwarden
