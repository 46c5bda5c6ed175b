#include "cfwarden/search/rarity.h"

#include <algorithm>
#include <bit>

namespace cfwarden {
namespace {

// What a candidate costs in base64, and a guessed one in text, against one that was counted there.
constexpr float base64_weight = 0.5F;
constexpr float guess_weight = 0.25F;

template <class Visit>
void for_each_value(std::uint16_t set, Visit visit) {
  for (unsigned left = set; left != 0; left &= left - 1) {
    visit(static_cast<std::size_t>(std::countr_zero(left)));
  }
}

Traits traits_at(const char* window) {
  std::array<std::uint8_t, window_size> bytes{};
  std::copy_n(window, window_size, bytes.begin());
  return traits_of(bytes);
}

Rarity::ByTrait<float> shares_in_base64() {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr float one = 1.0F / 64 / 64;
  Rarity::ByTrait<float> shares{};
  for (const char first : letters) {
    for (const char second : letters) {
      const Traits traits = traits_at(std::array{first, second, first, second}.data());
      for (std::size_t i = 0; i < trait_count; ++i) shares[i][traits[i]] += one;
    }
  }
  return shares;
}

float product(const std::array<float, trait_count>& shares) {
  float result = 1;
  for (const float share : shares) result *= share;
  return result;
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char byte) { return static_cast<unsigned char>(byte) < 128; });
}

TraitSets trait_sets(std::string_view window, LetterCase letter_case) {
  TraitSets sets{};
  const unsigned variants = letter_case == LetterCase::exact ? 1 : 1U << window_size;
  for (unsigned variant = 0; variant < variants; ++variant) {
    std::array<char, window_size> bytes{};
    for (std::size_t i = 0; i < window_size; ++i) {
      bytes[i] = (variant >> i & 1U) != 0 ? other_case(window[i]) : window[i];
    }
    const Traits traits = traits_at(bytes.data());
    for (std::size_t i = 0; i < trait_count; ++i) {
      sets[i] = static_cast<std::uint16_t>(sets[i] | 1U << traits[i]);
    }
  }
  return sets;
}

Rarity::Rarity(std::string_view text) : base64_shares_{shares_in_base64()} {
  const std::size_t count = std::min(place_count, text.size() - window_size);
  for (std::size_t place = 0; place < count; ++place) {
    if (!is_ascii(text.substr(place, window_size))) continue;
    const Traits traits = traits_at(text.data() + place);
    for (std::size_t i = 0; i < trait_count; ++i) {
      (*places_)[i][traits[i]][place / 64] |= std::uint64_t{1} << place % 64;
      text_shares_[i][traits[i]] += 1.0F / static_cast<float>(count);
    }
  }
}

float Bucket::cost_of(const TraitSets& sets, const Rarity& rarity, float limit) const {
  auto text = text_shares_;
  auto base64 = base64_shares_;
  TraitSets added{};
  for (std::size_t i = 0; i < trait_count; ++i) {
    added[i] = static_cast<std::uint16_t>(sets[i] & ~passed_[i]);
    for_each_value(added[i], [&](std::size_t value) {
      text[i] += rarity.text_shares()[i][value];
      base64[i] += rarity.base64_shares()[i][value];
    });
  }
  float cost = guess_weight * product(text) + base64_weight * product(base64) - cost_;
  constexpr float one = 1.0F / Rarity::place_count;
  for (std::size_t word = 0; word < Rarity::word_count && cost <= limit; ++word) {
    std::uint64_t all = ~std::uint64_t{0};
    for (std::size_t i = 0; i < trait_count; ++i) {
      std::uint64_t some = places_[i][word];
      for_each_value(added[i], [&](std::size_t value) { some |= rarity.places()[i][value][word]; });
      all &= some;
    }
    for (; all != 0; all &= all - 1) cost += one;
  }
  return cost;
}

void Bucket::add(const TraitSets& sets, const Rarity& rarity) {
  for (std::size_t i = 0; i < trait_count; ++i) {
    for_each_value(sets[i], [&](std::size_t value) { ++uses_[i][value]; });
  }
  recount(rarity);
}

void Bucket::remove(const TraitSets& sets, const Rarity& rarity) {
  for (std::size_t i = 0; i < trait_count; ++i) {
    for_each_value(sets[i], [&](std::size_t value) { --uses_[i][value]; });
  }
  recount(rarity);
}

void Bucket::recount(const Rarity& rarity) {
  TraitSets used{};
  for (std::size_t i = 0; i < trait_count; ++i) {
    for (std::size_t value = 0; value < 16; ++value) {
      const unsigned bit = uses_[i][value] > 0 ? 1U << value : 0U;
      used[i] = static_cast<std::uint16_t>(used[i] | bit);
    }
  }
  if (used == passed_) return;

  passed_ = used;
  text_shares_ = {};
  base64_shares_ = {};
  places_ = {};
  for (std::size_t i = 0; i < trait_count; ++i) {
    for_each_value(used[i], [&](std::size_t value) {
      text_shares_[i] += rarity.text_shares()[i][value];
      base64_shares_[i] += rarity.base64_shares()[i][value];
      for (std::size_t word = 0; word < Rarity::word_count; ++word) {
        places_[i][word] |= rarity.places()[i][value][word];
      }
    });
  }
  cost_ = 0;
  cost_ = cost_of({}, rarity, 1);
}

}  // namespace cfwarden
