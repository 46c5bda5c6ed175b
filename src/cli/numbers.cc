#include "cfwarden/cli/numbers.h"

#include <charconv>
#include <limits>
#include <system_error>

namespace cfwarden {
namespace {

std::optional<std::uint64_t> digits_of(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> bytes_of(std::string_view text) {
  constexpr std::string_view units = "KMGT";
  unsigned shift = 0;
  if (!text.empty()) {
    const char last = text.back() >= 'a' && text.back() <= 'z'
                          ? static_cast<char>(text.back() - 'a' + 'A')
                          : text.back();
    const std::size_t unit = units.find(last);
    if (unit != units.npos) {
      shift = 10 * (static_cast<unsigned>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  const auto number = digits_of(text);
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
  return *number << shift;
}

std::optional<unsigned> count_of(std::string_view text, unsigned most) {
  const auto number = digits_of(text);
  if (!number || *number == 0 || *number > most) return std::nullopt;
  return static_cast<unsigned>(*number);
}

}  // namespace cfwarden
