// Base64, exactly as Go's StdEncoding reads it, and as forgiving as whoever repairs a damaged one.
//
// Promises  Strict: CR and LF are ignored anywhere, even before padding; padding is required and
//           exact; trailing bits need not be zero. `bad_byte` is Go's CorruptInputError.
//           Linear in the text; decoded bytes are written nowhere but into `out` or a Secret.
#pragma once

#include "cfwarden/base/secret.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

// Spaces and tabs: encoding/pem drops them before it decodes, everything else refuses them.
enum class Blanks { refused, skipped };

struct Base64Outcome {
  std::size_t size = 0;                 // Bytes written.
  std::optional<std::size_t> bad_byte;  // Offset in the text without skipped blanks.
};

// Room that the bytes of a text of this length never exceed.
constexpr std::size_t base64_room(std::size_t text_size) {
  return text_size / 4 * 3 + 3;
}

// `out` has room for the bytes (base64_room(text.size()) is enough); it may begin where `text`
// does.
Base64Outcome decode_base64(std::string_view text, std::span<char> out,
                            Blanks blanks = Blanks::refused);

// The same outcome, with nothing written.
Base64Outcome measure_base64(std::string_view text, Blanks blanks = Blanks::refused);

std::optional<Secret> decode_base64(std::string_view text, Blanks blanks = Blanks::refused);

// Also without padding, with the URL alphabet and with any ASCII white space; nullopt for anything
// else, and for nothing at all.
std::optional<Secret> decode_damaged_base64(std::string_view text);

// The standard alphabet with padding, as RFC 4648 has it. For bytes that are no secret.
std::string base64_of(std::string_view bytes);

// One byte of base64 of either alphabet.
bool is_base64_letter(char byte);

}  // namespace cfwarden
