// An object of git that lies in a file of its own: zlib over "blob SIZE", a NUL and the content.
// Pure; to be asked in a worker, since anyone may have made it up.
#pragma once

#include "cfwarden/sweep/git_pack.h"

#include <cstddef>
#include <string_view>

namespace cfwarden {

// More than `most` bytes of content are damaged.
GitObject loose_object(std::string_view bytes, std::size_t most);

}  // namespace cfwarden
