// Any bytes: what is shown is harmless, and means one thing only.
#include "cfwarden/base/printable.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using cfwarden::Charset;

void demand(bool holds) {
  if (!holds) std::abort();
}

void append_utf8(std::string& text, std::uint32_t point) {
  const auto tail = [point](unsigned shift) {
    return static_cast<char>(0x80 | ((point >> shift) & 0x3F));
  };
  if (point < 0x800) {
    text += static_cast<char>(0xC0 | (point >> 6));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0 | (point >> 12));
    text += tail(6);
  } else {
    text += static_cast<char>(0xF0 | (point >> 18));
    text += tail(12);
    text += tail(6);
  }
  text += tail(0);
}

// The inverse of printable().
std::string meant_by(std::string_view shown) {
  std::string bytes;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] != '\\') {
      bytes += shown[i];
      continue;
    }
    demand(++i < shown.size());
    const std::string rest{shown.substr(i + 1)};
    switch (shown[i]) {
      case 'n':
        bytes += '\n';
        break;
      case 't':
        bytes += '\t';
        break;
      case 'r':
        bytes += '\r';
        break;
      case '\\':
        bytes += '\\';
        break;
      case 'x':
        bytes += static_cast<char>(std::stoul(rest.substr(0, 2), nullptr, 16));
        i += 2;
        break;
      case 'u': {
        const std::size_t end = rest.find('}');
        demand(rest.starts_with('{') && end != rest.npos);
        append_utf8(bytes,
                    static_cast<std::uint32_t>(std::stoul(rest.substr(1, end - 1), nullptr, 16)));
        i += end + 1;
        break;
      }
      default:
        std::abort();
    }
  }
  return bytes;
}

void check(std::string_view bytes, Charset charset) {
  const std::string shown = cfwarden::printable(bytes, charset);
  for (const char byte : shown) {
    demand(static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7F);
    demand(charset == Charset::utf8 || static_cast<unsigned char>(byte) < 0x80);
  }
  for (const std::string_view deceptive :
       {"\u0085", "\u009b", "\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e",
        "\u2066", "\u2069", "\ufeff"}) {
    demand(shown.find(deceptive) == shown.npos);
  }
  demand(cfwarden::is_valid_utf8(shown));
  demand(cfwarden::columns_of(shown) <= shown.size());
  demand(meant_by(shown) == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  check(text, Charset::utf8);
  check(text, Charset::ascii);
  return 0;
}
