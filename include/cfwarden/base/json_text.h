// The text of a JSON string, as Go's encoding/json unquotes it.
//
// Expects   `raw` to be what JsonScanner::scan_string gave: its escapes are whole.
// Promises  invalid UTF-8 and lone surrogates become U+FFFD, a pair of surrogates one character.
#pragma once

#include "cfwarden/base/secret.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

// An invalid byte becomes the three of U+FFFD.
inline constexpr std::size_t unquoted_growth = 3;

// Writes at most unquoted_growth times the bytes of `raw`; returns how many.
std::size_t unquote(std::string_view raw, char* out);

std::string unquoted_text(std::string_view raw);
Secret unquoted_secret(std::string_view raw);

}  // namespace cfwarden
