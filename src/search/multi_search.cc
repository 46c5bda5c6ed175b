#include "cfwarden/search/multi_search.h"

#include <algorithm>
#include <array>
#include <bit>

namespace cfwarden {
namespace {

constexpr std::size_t slot_count = 1024;

std::size_t slot_of(const char* window) {
  return window_key(window) % slot_count;
}

char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
}

std::string lower(std::string_view text) {
  std::string lowered{text};
  for (char& byte : lowered) byte = lower(byte);
  return lowered;
}

bool is_equal(std::string_view text, std::string_view bytes, LetterCase letter_case) {
  if (letter_case == LetterCase::exact) return text == bytes;
  return std::ranges::equal(text, bytes, {}, [](char byte) { return lower(byte); });
}

WindowPlan plan_with(std::span<const Literal> literals, std::span<const WindowChoice> choices) {
  WindowPlan plan = plan_buckets(literals, choices);
  return plan.has_buckets ? plan : plan_buckets(literals, choose_windows(literals));
}

}  // namespace

MultiSearch::MultiSearch(std::span<const Literal> literals)
    : MultiSearch(literals, fastest_implementation()) {}

MultiSearch::MultiSearch(std::span<const Literal> literals, Implementation implementation,
                         std::span<const WindowChoice> choices)
    : slots_(slot_count) {
  const ScanRow& wanted = scan_of(implementation);
  const WindowPlan plan = wanted.needs_buckets ? plan_with(literals, choices) : plan_keys(literals);
  const bool can_run = plan.has_buckets || !wanted.needs_buckets;
  scan_ = can_run ? wanted.scan : scan_of(Implementation::portable).scan;
  filter_ = plan.filter;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const auto [bytes, letter_case] = literals[i];
    std::uint16_t& slot = slots_[slot_of(bytes.data() + plan.shifts[i])];
    entries_.push_back({.bytes = letter_case == LetterCase::any ? lower(bytes) : std::string{bytes},
                        .letter_case = letter_case,
                        .shift = plan.shifts[i],
                        .next = slot});
    slot = static_cast<std::uint16_t>(i + 1);
    longest_ = std::max(longest_, bytes.size());
  }
}

std::vector<Hit> MultiSearch::hits_in(std::string_view text) const {
  std::vector<Hit> hits;
  search(text, [&hits](const Hit& hit) {
    hits.push_back(hit);
    return true;
  });
  if (!std::ranges::is_sorted(hits)) std::ranges::sort(hits);
  return hits;
}

bool MultiSearch::has_hit_in(std::string_view text) const {
  bool has_hit = false;
  search(text, [&has_hit](const Hit&) {
    has_hit = true;
    return false;
  });
  return has_hit;
}

template <class Take>
void MultiSearch::search(std::string_view text, Take take) const {
  constexpr std::size_t behind = window_size - 1;
  if (text.size() < window_size) return;
  const std::size_t whole = (text.size() - behind) / block_size * block_size;
  if (!scan(text, text.substr(0, whole), 0, take)) return;

  // What is left, with zeros behind it, so that nothing outside the text is read.
  std::array<char, 2 * block_size + behind> tail{};
  const std::size_t left = text.copy(tail.data(), tail.size(), whole);
  const std::size_t blocks = (left + block_size - 1) / block_size;
  (void)scan(text, {tail.data(), blocks * block_size}, whole, take);  // There is nothing behind it.
}

// `blocks` holds the text from `first` on. False when no more hits are wanted.
template <class Take>
bool MultiSearch::scan(std::string_view text, std::string_view blocks, std::size_t first,
                       Take& take) const {
  const char* const begin = blocks.data();
  const char* const stop = begin + blocks.size();
  CandidateBlocks found;
  for (const char* at = begin; at != stop;) {
    const char* const scanned = at;
    at = scan_(filter_, at, stop, found);
    for (std::uint64_t with = found.with_candidates; with != 0; with &= with - 1) {
      const auto block = static_cast<std::size_t>(std::countr_zero(with));
      for (std::uint64_t left = found.candidates[block]; left != 0; left &= left - 1) {
        const char* const window = scanned + block * block_size + std::countr_zero(left);
        if (!filter_.keys[window_key(window)]) continue;
        if (!verify(text, first + static_cast<std::size_t>(window - begin), take)) return false;
      }
    }
  }
  return true;
}

template <class Take>
bool MultiSearch::verify(std::string_view text, std::size_t window, Take& take) const {
  if (window + window_size > text.size()) return true;  // In the zeros behind the text.
  for (std::size_t next = slots_[slot_of(text.data() + window)]; next != 0;) {
    const Entry& entry = entries_[next - 1];
    if (window >= entry.shift) {
      const std::size_t offset = window - entry.shift;
      if (is_equal(text.substr(offset, entry.bytes.size()), entry.bytes, entry.letter_case) &&
          !take(Hit{offset, next - 1})) {
        return false;
      }
    }
    next = entry.next;
  }
  return true;
}

}  // namespace cfwarden
