// A few lines of every sort of file that a host is full of: what is rare in it is rare elsewhere.
// If searching is slow in some sort of file, add a line of it.
#pragma once

#include <string_view>

namespace cfwarden {

std::string_view typical_text();

}  // namespace cfwarden
