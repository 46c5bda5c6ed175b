// A UUID as github.com/google/uuid parses it.
//
// Accepts   36 characters; 32 hex digits; "urn:uuid:" in any case and 36; any 38 characters whose
//           middle 36 are a UUID. Version and variant are not looked at.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  bool is_nil() const { return *this == Uuid{}; }
  friend bool operator==(const Uuid&, const Uuid&) = default;
};

std::optional<Uuid> parse_uuid(std::string_view text);

// Lower-case, with hyphens.
std::string canonical(const Uuid& uuid);

}  // namespace cfwarden
