#include "cfwarden/base/uuid.h"

#include "cfwarden/base/ascii.h"

#include <cstddef>

namespace cfwarden {
namespace {

constexpr std::size_t hyphenated_size = 36;
constexpr std::size_t hex_size = 32;
constexpr std::string_view urn = "urn:uuid:";

bool is_hyphen_place(std::size_t index) {
  return index == 8 || index == 13 || index == 18 || index == 23;
}

bool begins_with_urn(std::string_view text) {
  for (std::size_t i = 0; i < urn.size(); ++i) {
    const char lower =
        text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (lower != urn[i]) return false;
  }
  return true;
}

// The 36 or 32 characters that are to be the UUID itself; nullopt for any other length.
std::optional<std::string_view> unwrapped(std::string_view text) {
  switch (text.size()) {
    case hex_size:
    case hyphenated_size:
      return text;
    case hyphenated_size + 2:
      return text.substr(1, hyphenated_size);
    case hyphenated_size + urn.size():
      if (!begins_with_urn(text)) return std::nullopt;
      return text.substr(urn.size());
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
  const auto plain = unwrapped(text);
  if (!plain) return std::nullopt;
  Uuid uuid;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < plain->size(); ++i) {
    const char character = (*plain)[i];
    if (plain->size() == hyphenated_size && is_hyphen_place(i)) {
      if (character != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(character);
    if (value < 0) return std::nullopt;
    std::uint8_t& byte = uuid.bytes[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++digits;
  }
  return uuid;
}

std::string canonical(const Uuid& uuid) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text;
  text.reserve(hyphenated_size);
  for (const std::uint8_t byte : uuid.bytes) {
    if (is_hyphen_place(text.size())) text += '-';
    text += alphabet[byte >> 4];
    text += alphabet[byte & 0x0f];
  }
  return text;
}

}  // namespace cfwarden
