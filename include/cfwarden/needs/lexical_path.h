// Paths as a definition writes them, made absolute. Pure: no link is followed.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

// `path` as seen from `directory` (absolute): without "." and "..", repeated and closing slashes.
std::string lexical_path(std::string_view directory, std::string_view path);

}  // namespace cfwarden
