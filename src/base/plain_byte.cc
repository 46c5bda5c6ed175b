#include "cfwarden/base/plain_byte.h"

#include "cfwarden/base/ascii.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::size_t unicode_digits = 4;

// What the digits of \uXXXX stand for; 0 where that is none of ASCII.
char ascii_of(std::string_view digits) {
  if (digits.size() < unicode_digits || !digits.starts_with("00")) return '\0';
  digits = digits.substr(0, unicode_digits);
  if (!std::ranges::all_of(digits, is_hex_digit)) return '\0';
  const int number = hex_value(digits[2]) * 16 + hex_value(digits[3]);
  return number < 0x80 ? static_cast<char>(number) : '\0';
}

}  // namespace

PlainByte unescaped_byte(std::string_view rest) {
  if (rest[0] != '\\' || rest.size() < 2) return {.byte = rest[0], .size = 1};
  switch (rest[1]) {
    case 'n':
      return {.byte = '\n', .size = 2};
    case 'r':
      return {.byte = '\r', .size = 2};
    case 't':
      return {.byte = '\t', .size = 2};
    case '"':
    case '\'':
    case '\\':
    case '/':
      return {.byte = rest[1], .size = 2};
    case '\n':  // A shell's continued line.
      return {.byte = std::nullopt, .size = 2};
    case 'u':
      if (const char byte = ascii_of(rest.substr(2)); byte != '\0') {
        return {.byte = byte, .size = 2 + unicode_digits};
      }
      break;
    default:
      break;
  }
  return {.byte = rest[0], .size = 1};
}

}  // namespace cfwarden
