#include "cfwarden/base/json_text.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/go_text.h"

#include <optional>

namespace cfwarden {
namespace {

std::optional<char32_t> hex_quad(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  char32_t value = 0;
  for (const char digit : text.substr(0, 4)) {
    if (!is_hex_digit(digit)) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(hex_value(digit));
  }
  return value;
}

// The rune of \uXXXX at the start of `raw`, and how many bytes it takes: a pair of surrogates is
// one rune, a lone one is U+FFFD.
Rune escaped_rune(std::string_view raw) {
  constexpr std::size_t escape_size = 6;
  const char32_t first = *hex_quad(raw.substr(2));
  const bool is_surrogate = first >= 0xd800 && first <= 0xdfff;
  if (!is_surrogate) return {.value = first, .size = escape_size};
  const std::string_view next = raw.substr(escape_size);
  if (first < 0xdc00 && next.substr(0, 2) == "\\u") {
    const auto second = hex_quad(next.substr(2));
    if (second && *second >= 0xdc00 && *second <= 0xdfff) {
      return {.value = 0x10000 + ((first - 0xd800) << 10 | (*second - 0xdc00)),
              .size = 2 * escape_size};
    }
  }
  return {.value = replacement_rune, .size = escape_size};
}

char plain_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;  // The quote, the backslash and the slash stand for themselves.
  }
}

}  // namespace

std::size_t unquote(std::string_view raw, char* out) {
  char* const start = out;
  while (!raw.empty()) {
    if (raw[0] == '\\' && raw[1] == 'u') {
      const Rune rune = escaped_rune(raw);
      out += write_utf8(rune.value, out);
      raw.remove_prefix(rune.size);
    } else if (raw[0] == '\\') {
      *out++ = plain_escape(raw[1]);
      raw.remove_prefix(2);
    } else {
      const Rune rune = first_rune(raw);
      out += write_utf8(rune.value, out);
      raw.remove_prefix(rune.size);
    }
  }
  return static_cast<std::size_t>(out - start);
}

std::string unquoted_text(std::string_view raw) {
  std::string text(unquoted_growth * raw.size(), '\0');
  text.resize(unquote(raw, text.data()));
  return text;
}

Secret unquoted_secret(std::string_view raw) {
  Secret text{unquoted_growth * raw.size()};
  text.shrink(unquote(raw, text.writable().data()));
  return text;
}

}  // namespace cfwarden
