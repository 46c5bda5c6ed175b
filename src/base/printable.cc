#include "cfwarden/base/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace cfwarden {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: the first byte does not begin valid UTF-8.
};

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint first_code_point(std::string_view text) {
  const auto byte = [text](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto continues = [&byte](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const std::uint32_t lead = byte(0);
  if (text.empty()) return {};
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xC2 && lead <= 0xDF && continues(1)) {
    return {((lead & 0x1F) << 6) | (byte(1) & 0x3F), 2};
  }
  if ((lead & 0xF0) == 0xE0 && continues(1) && continues(2)) {
    const std::uint32_t value = ((lead & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value < 0x800 || surrogate ? CodePoint{} : CodePoint{value, 3};
  }
  if ((lead & 0xF8) == 0xF0 && continues(1) && continues(2) && continues(3)) {
    const std::uint32_t value = ((lead & 0x07) << 18) | ((byte(1) & 0x3F) << 12) |
                                ((byte(2) & 0x3F) << 6) | (byte(3) & 0x3F);
    return value < 0x10000 || value > 0x10FFFF ? CodePoint{} : CodePoint{value, 4};
  }
  return {};
}

struct Range {
  std::uint32_t first, last;
};

bool contains(std::span<const Range> ranges, std::uint32_t value) {
  return std::ranges::any_of(
      ranges, [value](const Range& range) { return value >= range.first && value <= range.last; });
}

// Beyond ASCII: what moves the cursor, reorders a line, breaks it or is read as a byte order mark.
constexpr std::array deceptive{
    Range{0x80, 0x9F},     Range{0x061C, 0x061C}, Range{0x200E, 0x200F},
    Range{0x2028, 0x202E}, Range{0x2066, 0x2069}, Range{0xFEFF, 0xFEFF},
};

std::string hex(std::uint32_t value, std::size_t digits) {
  std::string text;
  while (value != 0 || text.size() < digits) {
    text.insert(text.begin(), "0123456789abcdef"[value & 0xF]);
    value >>= 4;
  }
  return text;
}

std::string escaped_byte(char byte) {
  switch (byte) {
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    case '\\':
      return "\\\\";
    default:
      return "\\x" + hex(static_cast<unsigned char>(byte), 2);
  }
}

constexpr auto is_plain_ascii = [](char character) {
  return character >= 0x20 && character < 0x7F && character != '\\';
};

// Combining marks, zero-width spaces and joiners, variation selectors.
constexpr std::array zero_width{
    Range{0x00AD, 0x00AD},   Range{0x0300, 0x036F},   Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
    Range{0x0610, 0x061A},   Range{0x064B, 0x065F},   Range{0x06D6, 0x06DC}, Range{0x06DF, 0x06E4},
    Range{0x093C, 0x093C},   Range{0x0941, 0x0948},   Range{0x094D, 0x094D}, Range{0x0E31, 0x0E31},
    Range{0x0E34, 0x0E3A},   Range{0x0E47, 0x0E4E},   Range{0x1160, 0x11FF}, Range{0x1AB0, 0x1AFF},
    Range{0x1DC0, 0x1DFF},   Range{0x200B, 0x200D},   Range{0x2060, 0x2064}, Range{0x20D0, 0x20FF},
    Range{0x302A, 0x302D},   Range{0x3099, 0x309A},   Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F},
    Range{0xE0100, 0xE01EF}, Range{0xE0001, 0xE007F},
};

constexpr std::array double_width{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},
    Range{0x23E9, 0x23EC},   Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},
    Range{0x2648, 0x2653},   Range{0x26A1, 0x26A1},   Range{0x26AA, 0x26AB},
    Range{0x26BD, 0x26BE},   Range{0x26C4, 0x26C5},   Range{0x26D4, 0x26D4},
    Range{0x2705, 0x2705},   Range{0x270A, 0x270B},   Range{0x2728, 0x2728},
    Range{0x274C, 0x274C},   Range{0x2753, 0x2755},   Range{0x2757, 0x2757},
    Range{0x2795, 0x2797},   Range{0x2B1B, 0x2B1C},   Range{0x2B50, 0x2B50},
    Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE10, 0xFE19},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x16FE0, 0x18AFF}, Range{0x1B000, 0x1B2FF}, Range{0x1F004, 0x1F004},
    Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F18E}, Range{0x1F191, 0x1F19A},
    Range{0x1F200, 0x1F320}, Range{0x1F32D, 0x1F335}, Range{0x1F337, 0x1F37C},
    Range{0x1F37E, 0x1F393}, Range{0x1F3A0, 0x1F3CA}, Range{0x1F3CF, 0x1F3D3},
    Range{0x1F3E0, 0x1F3F0}, Range{0x1F3F4, 0x1F3F4}, Range{0x1F3F8, 0x1F43E},
    Range{0x1F440, 0x1F440}, Range{0x1F442, 0x1F4FC}, Range{0x1F4FF, 0x1F53D},
    Range{0x1F54B, 0x1F567}, Range{0x1F57A, 0x1F57A}, Range{0x1F595, 0x1F596},
    Range{0x1F5A4, 0x1F5A4}, Range{0x1F5FB, 0x1F64F}, Range{0x1F680, 0x1F6C5},
    Range{0x1F6CC, 0x1F6FC}, Range{0x1F7E0, 0x1F7EB}, Range{0x1F90C, 0x1F9FF},
    Range{0x1FA70, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};

}  // namespace

std::string printable(std::string_view bytes, Charset charset) {
  // Almost every name is.
  if (std::ranges::all_of(bytes, is_plain_ascii)) return std::string{bytes};
  std::string shown;
  shown.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto [value, length] = first_code_point(bytes);
    if (length > 1 && (charset == Charset::ascii || contains(deceptive, value))) {
      shown += "\\u{" + hex(value, 1) + "}";
    } else if (length > 1 || is_plain_ascii(bytes.front())) {
      shown += bytes.substr(0, length);
    } else {
      shown += escaped_byte(bytes.front());
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown;
}

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = first_code_point(bytes).bytes;
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::size_t columns_of(std::string_view printable_text) {
  if (std::ranges::all_of(printable_text, is_plain_ascii)) return printable_text.size();
  std::size_t columns = 0;
  while (!printable_text.empty()) {
    const auto [value, length] = first_code_point(printable_text);
    if (value < 0x80 || !contains(zero_width, value)) {
      columns += value >= 0x1100 && contains(double_width, value) ? 2U : 1U;
    }
    printable_text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return columns;
}

}  // namespace cfwarden
