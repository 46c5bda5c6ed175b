// DER made by hand, right or wrong, and bytes that something happened to.
#pragma once

#include <array>
#include <random>
#include <string>
#include <string_view>

namespace cfwarden {

using namespace std::string_literals;

inline std::string element(char tag, std::string_view content) {
  const std::size_t size = content.size();
  const auto low = static_cast<char>(size & 0xff);
  const auto high = static_cast<char>(size >> 8 & 0xff);
  std::string der{tag};
  if (size >= 256) {
    der += {'\x82', high};
  } else if (size >= 128) {
    der += '\x81';
  }
  return der + low + std::string{content};
}

// With one byte changed, inserted or taken away, or with its end cut off.
inline std::string mutated(std::string_view der, std::mt19937& random) {
  constexpr std::array<char, 8> likely{'\0', '\1', '\2', '\x30', '\x7f', '\x80', '\x81', '\xff'};
  std::string bytes{der};
  const std::size_t at = random() % bytes.size();
  const bool any = random() % 2 == 0;
  const char byte = any ? static_cast<char>(random() & 0xff) : likely[random() % likely.size()];
  switch (random() % 8) {
    case 0:
      return bytes.erase(at, 1);
    case 1:
      return bytes.insert(at, 1, byte);
    case 2:
      return bytes.substr(0, at);
    default:
      bytes[at] = byte;
      return bytes;
  }
}

}  // namespace cfwarden
