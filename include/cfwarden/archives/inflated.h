// What one zlib stream holds: an object of git as it lies in a file of its own, or in a pack.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

// nullopt where it is damaged, holds more than `most` bytes, or is followed by something.
std::optional<std::string> inflated(std::string_view bytes, std::size_t most);

// The same of a stream that ends nobody knows where, such as one in a pack: `more` gives its next
// bytes, "" at the end. nullopt where it is damaged, or holds not exactly `size` bytes.
std::optional<std::string> inflated_from(const std::function<std::string()>& more,
                                         std::size_t size);

}  // namespace cfwarden
