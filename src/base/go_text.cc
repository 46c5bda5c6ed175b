#include "cfwarden/base/go_text.h"

namespace cfwarden {
namespace {

constexpr std::size_t longest_rune = 4;

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool is_continuation(unsigned byte) {
  return (byte & 0xc0) == 0x80;
}

struct Lead {
  std::size_t size = 0;  // 0 for a byte that begins no rune.
  char32_t bits = 0;
  char32_t least = 0;  // Smaller values are overlong.
};

Lead lead_of(unsigned byte) {
  if (byte < 0x80) return {.size = 1, .bits = byte, .least = 0};
  if ((byte & 0xe0) == 0xc0) return {.size = 2, .bits = byte & 0x1f, .least = 0x80};
  if ((byte & 0xf0) == 0xe0) return {.size = 3, .bits = byte & 0x0f, .least = 0x800};
  if ((byte & 0xf8) == 0xf0) return {.size = 4, .bits = byte & 0x07, .least = 0x10000};
  return {};
}

bool is_scalar(char32_t rune) {
  return rune <= 0x10ffff && (rune < 0xd800 || rune > 0xdfff);
}

bool is_white_space(char32_t rune) {
  if (rune >= 0x2000 && rune <= 0x200a) return true;
  if (rune >= 0x09 && rune <= 0x0d) return true;
  switch (rune) {
    case 0x20:
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000:
      return true;
    default:
      return false;
  }
}

char32_t ascii_lower(char32_t rune) {
  return rune >= 'A' && rune <= 'Z' ? rune + 0x20 : rune;
}

char32_t lower(char32_t rune) {
  if (rune == 0x130) return 'i';
  if (rune == 0x212a) return 'k';
  if (rune >= 0xc0 && rune <= 0xde && rune != 0xd7) return rune + 0x20;
  if (rune >= 0x391 && rune <= 0x3ab && rune != 0x3a2) return rune + 0x20;
  if (rune >= 0x410 && rune <= 0x42f) return rune + 0x20;
  if (rune >= 0x400 && rune <= 0x40f) return rune + 0x50;
  return ascii_lower(rune);
}

char32_t folded(char32_t rune) {
  if (rune == 0x17f) return 's';
  if (rune == 0x212a) return 'k';
  return ascii_lower(rune);
}

}  // namespace

Rune first_rune(std::string_view text) {
  const Lead lead = lead_of(byte_at(text, 0));
  if (lead.size == 0 || lead.size > text.size()) return {};
  char32_t value = lead.bits;
  for (std::size_t i = 1; i < lead.size; ++i) {
    const unsigned byte = byte_at(text, i);
    if (!is_continuation(byte)) return {};
    value = value << 6 | (byte & 0x3f);
  }
  if (value < lead.least || !is_scalar(value)) return {};
  return {.value = value, .size = lead.size};
}

Rune last_rune(std::string_view text) {
  for (std::size_t size = 1; size <= longest_rune && size <= text.size(); ++size) {
    const std::string_view tail = text.substr(text.size() - size);
    if (is_continuation(byte_at(tail, 0))) continue;
    const Rune rune = first_rune(tail);
    return rune.size == size ? rune : Rune{};
  }
  return {};
}

std::size_t write_utf8(char32_t rune, char* out) {
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (!is_scalar(rune)) rune = replacement_rune;
  if (rune < 0x80) {
    put(rune);
    return 1;
  }
  if (rune < 0x800) {
    put(0xc0 | rune >> 6);
    put(0x80 | (rune & 0x3f));
    return 2;
  }
  if (rune < 0x10000) {
    put(0xe0 | rune >> 12);
    put(0x80 | (rune >> 6 & 0x3f));
    put(0x80 | (rune & 0x3f));
    return 3;
  }
  put(0xf0 | rune >> 18);
  put(0x80 | (rune >> 12 & 0x3f));
  put(0x80 | (rune >> 6 & 0x3f));
  put(0x80 | (rune & 0x3f));
  return 4;
}

std::string_view trim_space(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (!is_white_space(rune.value)) break;
    text.remove_prefix(rune.size);
  }
  while (!text.empty()) {
    const Rune rune = last_rune(text);
    if (!is_white_space(rune.value)) break;
    text.remove_suffix(rune.size);
  }
  return text;
}

bool folds_to(std::string_view key, std::string_view ascii_name) {
  for (const char letter : ascii_name) {
    if (key.empty()) return false;
    const Rune rune = first_rune(key);
    if (folded(rune.value) != ascii_lower(static_cast<unsigned char>(letter))) return false;
    key.remove_prefix(rune.size);
  }
  return key.empty();
}

std::string lower_case(std::string_view text) {
  std::string lowered;
  lowered.reserve(text.size());
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    char bytes[longest_rune];
    lowered.append(bytes, write_utf8(lower(rune.value), bytes));
    text.remove_prefix(rune.size);
  }
  return lowered;
}

}  // namespace cfwarden
