// The name that git gives an object: the SHA-1, or in newer repositories the SHA-256, of its sort,
// its size and its content.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

// Its bytes in hexadecimal, and back from two digits each.
std::string git_id_text(std::string_view bytes);
std::string git_id_bytes(std::string_view text);

// `sort`: "blob", "tree" or "commit". `id_bytes`: 20 for SHA-1, 32 for SHA-256; "" for any other.
// The bytes of the id, not in hexadecimal.
std::string git_id_of(std::string_view sort, std::string_view content, std::size_t id_bytes);

}  // namespace cfwarden
