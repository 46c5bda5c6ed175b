#include "cfwarden/host/wire.h"

namespace cfwarden {
namespace {

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
}

}  // namespace

void Encoder::number(std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out_ += static_cast<char>(value >> (8 * i) & 0xff);
}

void Encoder::text(std::string_view value, std::size_t most) {
  const std::string_view kept = value.substr(0, most);
  number(kept.size(), 4);
  out_ += kept;
}

void Encoder::own_text(std::string_view value) {
  std::string kept{value.substr(0, max_own_text)};
  std::ranges::replace_if(kept, is_control, '?');
  text(kept, max_own_text);
}

void Encoder::position(const std::optional<std::size_t>& value) {
  flag(value.has_value());
  if (value) number(std::min(*value, max_position), 4);
}

void Encoder::moment(const std::optional<std::int64_t>& value) {
  flag(value.has_value());
  if (value) number(static_cast<std::uint64_t>(*value), 8);
}

void Decoder::demand(bool condition) {
  if (condition) return;
  failed_ = true;
  rest_ = {};
}

std::uint64_t Decoder::number(unsigned bytes) {
  const std::string_view taken = take(bytes);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(taken[i])} << (8 * i);
  }
  return value;
}

bool Decoder::flag() {
  const std::uint64_t value = number(1);
  demand(value <= 1);
  return value == 1;
}

std::string Decoder::text(std::size_t most) {
  const std::uint64_t size = number(4);
  demand(size <= most);
  return std::string{take(failed_ ? 0 : static_cast<std::size_t>(size))};
}

std::string Decoder::own_text() {
  std::string value = text(max_own_text);
  demand(std::ranges::none_of(value, is_control));
  return value;
}

std::optional<std::size_t> Decoder::position() {
  if (!flag()) return std::nullopt;
  const std::uint64_t value = number(4);
  demand(value <= max_position);
  return static_cast<std::size_t>(value);
}

std::optional<std::int64_t> Decoder::moment() {
  if (!flag()) return std::nullopt;
  return static_cast<std::int64_t>(number(8));
}

std::string_view Decoder::take(std::size_t count) {
  demand(count <= rest_.size());
  if (failed_) return {};
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

}  // namespace cfwarden
