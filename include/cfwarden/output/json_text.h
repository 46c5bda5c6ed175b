// What JSON writers share: strings that are always UTF-8, and output that is always plain ASCII.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

// The text itself where it is UTF-8, else its printable() form; concealed() in both. A JSON library
// throws on other bytes.
std::string json_text(std::string_view bytes);

// In base64, what json_text() could not tell; nullopt where it told all, or a secret stands in it.
std::optional<std::string> untold_bytes(std::string_view bytes);

// DEL is the one control byte that JSON and its writers leave alone: \u007f.
std::string without_delete(std::string json);

}  // namespace cfwarden
