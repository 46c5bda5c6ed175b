#include "cfwarden/base/der.h"

namespace cfwarden {
namespace {

constexpr unsigned char high_bit = 0x80;
// A tag number of 31 announces more bytes of tag.
constexpr unsigned char long_tag = 0x1f;
constexpr std::size_t most_length_bytes = 4;

unsigned char byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

// The bytes that an arc takes at the start of `content`; 0 for one that has no end, leading zeros
// or more than 31 bits.
std::size_t arc_size(std::string_view content) {
  constexpr std::uint32_t largest_before_shift = 1U << (31 - 7);
  if (byte_at(content, 0) == high_bit) return 0;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < content.size() && value < largest_before_shift; ++i) {
    value = value << 7 | (byte_at(content, i) & 0x7fU);
    if (byte_at(content, i) < high_bit) return i + 1;
  }
  return 0;
}

}  // namespace

bool DerReader::peeks(DerTag tag) const {
  return !rest_.empty() && byte_at(rest_, 0) == static_cast<unsigned char>(tag);
}

DerElement DerReader::take_any() {
  if (rest_.size() < 2 || (byte_at(rest_, 0) & long_tag) == long_tag) return fail();
  const auto tag = static_cast<DerTag>(byte_at(rest_, 0));
  rest_.remove_prefix(1);
  const std::optional<std::size_t> length = take_length();
  if (!length || *length > rest_.size()) return fail();
  const std::string_view content = rest_.substr(0, *length);
  rest_.remove_prefix(*length);
  return {.tag = tag, .content = content};
}

std::string_view DerReader::take(DerTag tag) {
  return peeks(tag) ? take_any().content : fail().content;
}

std::optional<std::string_view> DerReader::take_optional(DerTag tag) {
  if (!peeks(tag)) return std::nullopt;
  return take_any().content;
}

std::optional<std::size_t> DerReader::take_length() {
  const std::size_t first = byte_at(rest_, 0);
  rest_.remove_prefix(1);
  if (first < high_bit) return first;
  // 0x80 alone is the indefinite length of BER.
  const std::size_t bytes = first - high_bit;
  if (bytes == 0 || bytes > most_length_bytes || bytes > rest_.size()) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < bytes; ++i) length = length << 8 | byte_at(rest_, i);
  if (length < high_bit || byte_at(rest_, 0) == 0) return std::nullopt;
  rest_.remove_prefix(bytes);
  return length;
}

DerElement DerReader::fail() {
  sound_ = false;
  rest_ = {};
  return {};
}

bool is_der_integer(std::string_view content) {
  if (content.size() < 2) return !content.empty();
  const unsigned char first = byte_at(content, 0);
  const bool negative = byte_at(content, 1) >= high_bit;
  return first != (negative ? 0xff : 0x00);
}

bool is_der_object_id(std::string_view content) {
  if (content.empty()) return false;
  while (!content.empty()) {
    const std::size_t size = arc_size(content);
    if (size == 0) return false;
    content.remove_prefix(size);
  }
  return true;
}

bool is_der_bit_string(std::string_view content) {
  if (content.empty()) return false;
  const unsigned unused = byte_at(content, 0);
  if (content.size() == 1) return unused == 0;
  return unused <= 7 && (byte_at(content, content.size() - 1) & ((1U << unused) - 1)) == 0;
}

std::optional<std::int64_t> der_integer(std::string_view content) {
  if (!is_der_integer(content) || content.size() > sizeof(std::int64_t)) return std::nullopt;
  std::uint64_t value = byte_at(content, 0) < high_bit ? 0 : ~std::uint64_t{0};
  for (std::size_t i = 0; i < content.size(); ++i) value = value << 8 | byte_at(content, i);
  return static_cast<std::int64_t>(value);
}

}  // namespace cfwarden
