// What JSON writers share: strings that are always UTF-8, and output that is always plain ASCII.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

// The text itself where it is UTF-8, else its printable() form. A JSON library throws on other
// bytes.
std::string json_text(std::string_view bytes);

// DEL is the one control byte that JSON and its writers leave alone: \u007f.
std::string without_delete(std::string json);

}  // namespace cfwarden
