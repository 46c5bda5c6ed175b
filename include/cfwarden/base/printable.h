// Bytes that somebody else chose, made safe for a terminal, a log or one line of a file.
//
// Escaped: C0, DEL, C1, U+061C, U+200E-F, U+2028-202E, U+2066-9, U+FEFF and every byte that is not
// valid UTF-8. Escapes are \n \t \r, \xHH for a byte and \u{HEX} for a code point; a backslash is
// doubled, so that no name can forge an escape. With Charset::ascii all beyond ASCII is escaped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

enum class Charset { utf8, ascii };

std::string printable(std::string_view bytes, Charset charset = Charset::utf8);

bool is_valid_utf8(std::string_view bytes);

// The columns that printable text takes on a terminal (wcwidth's rules for wide and combining
// code points in short; expects the output of printable()).
std::size_t columns_of(std::string_view printable_text);

}  // namespace cfwarden
