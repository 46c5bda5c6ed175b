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

}  // namespace cfwarden
