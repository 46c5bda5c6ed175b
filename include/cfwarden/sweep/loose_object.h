// An object of git that lies in a file of its own: zlib over "blob SIZE", a NUL and the content.
// Pure; to be asked in a worker, since anyone may have made it up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

// Why a blob's content is not told; each is the first byte of what blob_in() answers.
enum class LooseObject : char { blob = 'B', other = 'O', damaged = 'D' };

// The word, and of a blob its content behind it. More than `most` bytes of content are damaged.
std::string blob_in(std::string_view loose_object, std::size_t most);

}  // namespace cfwarden
