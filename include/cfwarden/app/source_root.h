// The repository that a look was confined to, if it was: formats then name files from its top on.
#pragma once

#include "cfwarden/host/opener.h"

#include <string>
#include <vector>

namespace cfwarden {

// The nearest directory with a .git above (or at) every one of the paths; "" where there are no
// paths, where they lie in several or in none, or where a link leads to one.
std::string source_root_of(const std::vector<std::string>& paths, const Opener& opener);

}  // namespace cfwarden
