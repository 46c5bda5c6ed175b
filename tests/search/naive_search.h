// Finds what MultiSearch is to find, the slow way.
#pragma once

#include "cfwarden/search/multi_search.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

namespace cfwarden {

inline char in_lower_case(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

inline bool stands_at(std::string_view text, std::size_t offset, const Literal& literal) {
  const std::string_view there = text.substr(offset, literal.bytes.size());
  if (literal.letter_case == LetterCase::exact) return there == literal.bytes;
  return std::ranges::equal(there, literal.bytes, {}, in_lower_case, in_lower_case);
}

inline std::vector<Hit> naive_hits(std::string_view text, std::span<const Literal> literals) {
  std::vector<Hit> hits;
  for (std::size_t offset = 0; offset < text.size(); ++offset) {
    for (std::size_t i = 0; i < literals.size(); ++i) {
      if (stands_at(text, offset, literals[i])) hits.push_back({offset, i});
    }
  }
  return hits;
}

}  // namespace cfwarden
