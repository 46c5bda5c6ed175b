// One step of undoing what a text is written in.
//
// Supplies  unescaped_byte(): the escapes with a backslash that JSON, shells and most languages
//           have in common; what is none of them stands for itself.
// Promises  `size` is at least 1, and no more than is left.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace cfwarden {

// A byte of the plain text and how many bytes stand for it; none for bytes that go.
struct PlainByte {
  std::optional<char> byte;
  std::size_t size = 1;
};

// `rest` is not empty. Of \uXXXX only ASCII but NUL; a shell's continued line goes.
PlainByte unescaped_byte(std::string_view rest);

}  // namespace cfwarden
