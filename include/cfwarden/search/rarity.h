// How often a window that is none of ours would pass a bucket.
//
// Supplies  Rarity, which counts in typical text, and Bucket, which grows by windows.
// Promises  Counted, where the text has such places; otherwise guessed from how often each trait
//           occurs by itself, so that what never occurs in so short a text still has its cost.
#pragma once

#include "cfwarden/search/window_filter.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace cfwarden {

// Only of a window of ASCII it is told how rare it is.
bool is_ascii(std::string_view text);

// The values that each trait of a window may have, a bit each.
using TraitSets = std::array<std::uint16_t, trait_count>;

TraitSets trait_sets(std::string_view window, LetterCase letter_case);

class Rarity {
 public:
  static constexpr std::size_t word_count = 44;
  static constexpr std::size_t place_count = word_count * 64;
  using Places = std::array<std::uint64_t, word_count>;  // A bit for each place in the text.
  template <class T>
  using ByTrait = std::array<std::array<T, 16>, trait_count>;

  explicit Rarity(std::string_view text);

  const ByTrait<Places>& places() const { return *places_; }
  const ByTrait<float>& text_shares() const { return text_shares_; }
  const ByTrait<float>& base64_shares() const { return base64_shares_; }

 private:
  std::unique_ptr<ByTrait<Places>> places_ = std::make_unique<ByTrait<Places>>();
  ByTrait<float> text_shares_{};
  ByTrait<float> base64_shares_{};
};

class Bucket {
 public:
  // What the bucket costs more with these traits too; or anything above `limit`.
  float cost_of(const TraitSets& sets, const Rarity& rarity, float limit) const;
  void add(const TraitSets& sets, const Rarity& rarity);
  void remove(const TraitSets& sets, const Rarity& rarity);
  const TraitSets& passed() const { return passed_; }

 private:
  void recount(const Rarity& rarity);

  std::array<std::array<std::uint16_t, 16>, trait_count> uses_{};
  TraitSets passed_{};
  std::array<Rarity::Places, trait_count> places_{};
  std::array<float, trait_count> text_shares_{};
  std::array<float, trait_count> base64_shares_{};
  float cost_ = 0;
};

}  // namespace cfwarden
