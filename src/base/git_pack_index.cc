#include "cfwarden/base/git_pack_index.h"

#include "cfwarden/base/ascii.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cfwarden {
namespace {

constexpr std::string_view magic{"\377tOc\0\0\0\2", 8};
constexpr std::size_t fan_out_bytes = 256 * 4;
constexpr std::size_t ids_at = magic.size() + fan_out_bytes;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(at, 4))
    number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

std::string bytes_of(std::string_view id) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < id.size(); i += 2) {
    bytes += static_cast<char>(hex_value(id[i]) * 16 + hex_value(id[i + 1]));
  }
  return bytes;
}

bool holds(std::string_view sorted, const std::string& id) {
  std::size_t first = 0;
  std::size_t end = sorted.size() / id.size();
  while (first < end) {
    const std::size_t middle = first + (end - first) / 2;
    const std::string_view one = sorted.substr(middle * id.size(), id.size());
    if (one == id) return true;
    if (one < id) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return false;
}

}  // namespace

std::optional<std::vector<bool>> held_by_pack(std::string_view index,
                                              std::span<const std::string> ids) {
  if (index.size() < ids_at || !index.starts_with(magic)) return std::nullopt;
  const std::size_t count = number_at(index, ids_at - 4);
  std::vector<bool> held;
  for (const std::string& id : ids) {
    const std::string bytes = bytes_of(id);
    if (bytes.empty() || (index.size() - ids_at) / bytes.size() < count) return std::nullopt;
    held.push_back(holds(index.substr(ids_at, count * bytes.size()), bytes));
  }
  return held;
}

}  // namespace cfwarden
