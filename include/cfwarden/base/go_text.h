// Text as Go's unicode/utf8 and strings packages see it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

inline constexpr char32_t replacement_rune = 0xfffd;

struct Rune {
  char32_t value = replacement_rune;
  std::size_t size = 1;  // Bytes; an invalid byte is a replacement rune of size 1.
};

// Expect text that is not empty.
Rune first_rune(std::string_view text);
Rune last_rune(std::string_view text);

// Writes at most 4 bytes; returns how many. A surrogate or a value beyond Unicode becomes U+FFFD.
std::size_t write_utf8(char32_t rune, char* out);

// Without leading and trailing Unicode White_Space: strings.TrimSpace.
std::string_view trim_space(std::string_view text);

// Whether a JSON key names the field of this ASCII name: case-folded as Go does, so that U+017F
// counts as s and U+212A as k.
bool folds_to(std::string_view key, std::string_view ascii_name);

// strings.ToLower for ASCII, Latin-1, Greek and Cyrillic capitals, and for the two others whose
// lower case is ASCII (U+0130, U+212A); other scripts stay as they are. Expects valid UTF-8.
std::string lower_case(std::string_view text);

}  // namespace cfwarden
