// Which sort of ASCII a byte is, whatever the locale says. Bytes beyond ASCII are of none.
#pragma once

namespace cfwarden {

constexpr bool is_lower(char byte) {
  return byte >= 'a' && byte <= 'z';
}

constexpr bool is_upper(char byte) {
  return byte >= 'A' && byte <= 'Z';
}

constexpr bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// -1 for a byte that is no hex digit, of either letter case.
constexpr int hex_value(char byte) {
  if (is_digit(byte)) return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

constexpr bool is_hex_digit(char byte) {
  return hex_value(byte) >= 0;
}

}  // namespace cfwarden
