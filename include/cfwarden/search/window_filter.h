// Which four bytes of each literal are looked for, and tables that let those pass and little else.
//
// A window has six traits, each a number below 16: the low half of each of its bytes, and of each
// pair of bytes a mixture that tells their high halves apart. A table gives for each trait the
// buckets, one bit each, that have a window with it. Where a bucket is left in all six, a window
// may begin. (High halves alone would say little in base64, where they take four values only.)
#pragma once

#include "cfwarden/base/ascii.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class LetterCase { exact, any };  // any: of the letters of ASCII.

struct Literal {
  std::string_view bytes;
  LetterCase letter_case = LetterCase::exact;
};

inline constexpr std::size_t window_size = 4;
inline constexpr std::size_t trait_count = 6;
inline constexpr std::size_t bucket_count = 8;

using Traits = std::array<std::uint8_t, trait_count>;

constexpr std::uint8_t mixture(std::uint8_t first, std::uint8_t second) {
  return static_cast<std::uint8_t>(((first ^ (second << 2)) >> 4) & 0x0F);
}

constexpr Traits traits_of(const std::array<std::uint8_t, window_size>& bytes) {
  const auto low = [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte & 0x0F); };
  return {low(bytes[0]),
          low(bytes[1]),
          low(bytes[2]),
          low(bytes[3]),
          mixture(bytes[0], bytes[1]),
          mixture(bytes[2], bytes[3])};
}

// Of a letter of ASCII; any other byte as it is.
constexpr char other_case(char byte) {
  return is_lower(byte) || is_upper(byte) ? static_cast<char>(byte ^ 0x20) : byte;
}

inline constexpr std::size_t key_bits = 15;

// A number for the four bytes at `window`, the same in any letter case.
inline std::size_t window_key(const char* window) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, window, sizeof bytes);
  return ((bytes | 0x20202020U) * 0x9E3779B1U) >> (32 - key_bits);
}

struct WindowFilter {
  // By trait, in the order of `traits_of`, and its value.
  std::array<std::array<std::uint8_t, 16>, trait_count> buckets{};
  // By the place of a byte in the window, and the byte itself: the same buckets, told more exactly.
  std::array<std::array<std::uint8_t, 128>, window_size> letters{};
  std::bitset<std::size_t{1} << key_bits> keys;
};

struct WindowPlan {
  WindowFilter filter;
  std::vector<std::size_t> shifts;  // By literal: where its window begins.
  bool has_buckets = false;
};

// For `WindowFilter::keys` alone: takes a few microseconds.
WindowPlan plan_keys(std::span<const Literal> literals);

// Where the window of a literal begins, and the bucket it is in.
struct WindowChoice {
  std::uint16_t shift = 0;
  std::uint8_t bucket = 0;

  bool operator==(const WindowChoice&) const = default;
};

// The windows that are rarest together, in typical text and in base64, one a literal: takes about a
// millisecond. Windows are of ASCII: none at all where a literal has none.
std::vector<WindowChoice> choose_windows(std::span<const Literal> literals);

// With whatever windows of ASCII `choices` names every literal is found, sooner or later: takes a
// few microseconds. With choices that do not fit, or none, it has no buckets.
WindowPlan plan_buckets(std::span<const Literal> literals, std::span<const WindowChoice> choices);

}  // namespace cfwarden
