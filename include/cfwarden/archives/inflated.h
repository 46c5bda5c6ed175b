// What one zlib stream holds: an object of git as it lies in a file of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

// nullopt where it is damaged, holds more than `most` bytes, or is followed by something.
std::optional<std::string> inflated(std::string_view bytes, std::size_t most);

}  // namespace cfwarden
