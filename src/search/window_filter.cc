#include "cfwarden/search/window_filter.h"

#include "cfwarden/search/rarity.h"
#include "cfwarden/search/typical_text.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace cfwarden {
namespace {

using Buckets = std::array<Bucket, bucket_count>;

struct Choice {
  std::size_t bucket = 0;
  std::size_t shift = 0;
  TraitSets sets{};
};

bool has_window_of_ascii(const Literal& literal) {
  const std::size_t last = literal.bytes.size() - window_size;
  for (std::size_t shift = 0; shift <= last; ++shift) {
    if (is_ascii(literal.bytes.substr(shift, window_size))) return true;
  }
  return false;
}

Choice cheapest(const Literal& literal, const Buckets& buckets, const Rarity& rarity) {
  Choice choice;
  float least = 2;
  for (std::size_t shift = 0; shift + window_size <= literal.bytes.size(); ++shift) {
    const std::string_view window = literal.bytes.substr(shift, window_size);
    if (!is_ascii(window)) continue;
    const TraitSets sets = trait_sets(window, literal.letter_case);
    for (std::size_t i = 0; i < bucket_count; ++i) {
      const float cost = buckets[i].cost_of(sets, rarity, least);
      if (cost < least) {
        least = cost;
        choice = {i, shift, sets};
      }
    }
  }
  return choice;
}

void place(const Literal& literal, Choice& choice, Buckets& buckets, const Rarity& rarity) {
  choice = cheapest(literal, buckets, rarity);
  buckets[choice.bucket].add(choice.sets, rarity);
}

// Leaves it where others need all its traits too: it costs nothing there.
bool take_out(const Choice& choice, Buckets& buckets, const Rarity& rarity) {
  Bucket& bucket = buckets[choice.bucket];
  const TraitSets passed = bucket.passed();
  bucket.remove(choice.sets, rarity);
  if (bucket.passed() != passed) return true;
  bucket.add(choice.sets, rarity);
  return false;
}

// Those with the least choice come first.
std::vector<std::size_t> shortest_first(std::span<const Literal> literals) {
  std::vector<std::size_t> order(literals.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) {
    return std::pair{literals[i].bytes.size(), i};
  });
  return order;
}

std::string_view window_of(const Literal& literal, const WindowChoice& choice) {
  return literal.bytes.substr(choice.shift, window_size);
}

bool fits(const Literal& literal, const WindowChoice& choice) {
  return choice.bucket < bucket_count && choice.shift + window_size <= literal.bytes.size() &&
         is_ascii(window_of(literal, choice));
}

bool fit(std::span<const Literal> literals, std::span<const WindowChoice> choices) {
  return std::ranges::equal(literals, choices, fits);
}

void add(std::uint8_t& buckets, std::size_t bucket) {
  buckets = static_cast<std::uint8_t>(buckets | 1U << bucket);
}

void set_buckets(WindowFilter& filter, const Literal& literal, const WindowChoice& choice) {
  const TraitSets sets = trait_sets(window_of(literal, choice), literal.letter_case);
  for (std::size_t trait = 0; trait < trait_count; ++trait) {
    for (std::size_t value = 0; value < 16; ++value) {
      if ((unsigned{sets[trait]} >> value & 1U) != 0)
        add(filter.buckets[trait][value], choice.bucket);
    }
  }
}

void set_letters(WindowFilter& filter, const Literal& literal, const WindowChoice& choice) {
  const std::string_view window = window_of(literal, choice);
  for (std::size_t i = 0; i < window_size; ++i) {
    const char other = literal.letter_case == LetterCase::any ? other_case(window[i]) : window[i];
    for (const char allowed : {window[i], other}) {
      add(filter.letters[i][static_cast<unsigned char>(allowed)], choice.bucket);
    }
  }
}

void set_keys(WindowPlan& plan, std::span<const Literal> literals) {
  for (std::size_t i = 0; i < literals.size(); ++i) {
    plan.filter.keys.set(window_key(literals[i].bytes.data() + plan.shifts[i]));
  }
}

}  // namespace

WindowPlan plan_keys(std::span<const Literal> literals) {
  WindowPlan plan;
  plan.shifts.resize(literals.size());
  set_keys(plan, literals);
  return plan;
}

std::vector<WindowChoice> choose_windows(std::span<const Literal> literals) {
  if (!std::ranges::all_of(literals, has_window_of_ascii)) return {};

  // Counted once: it is the same for every search.
  static const Rarity rarity{typical_text()};
  const auto order = shortest_first(literals);
  Buckets buckets{};
  std::vector<Choice> choices(literals.size());
  for (const std::size_t i : order) place(literals[i], choices[i], buckets, rarity);
  // Again, now that all others are known: what was cheapest at first need not be.
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t i : order) {
      if (take_out(choices[i], buckets, rarity)) place(literals[i], choices[i], buckets, rarity);
    }
  }
  std::vector<WindowChoice> chosen;
  for (const Choice& choice : choices) {
    chosen.push_back({.shift = static_cast<std::uint16_t>(choice.shift),
                      .bucket = static_cast<std::uint8_t>(choice.bucket)});
  }
  return chosen;
}

WindowPlan plan_buckets(std::span<const Literal> literals, std::span<const WindowChoice> choices) {
  if (!fit(literals, choices)) return plan_keys(literals);

  WindowPlan plan{.filter = {}, .shifts = {}, .has_buckets = true};
  for (std::size_t i = 0; i < literals.size(); ++i) {
    plan.shifts.push_back(choices[i].shift);
    set_buckets(plan.filter, literals[i], choices[i]);
    set_letters(plan.filter, literals[i], choices[i]);
  }
  set_keys(plan, literals);
  return plan;
}

}  // namespace cfwarden
