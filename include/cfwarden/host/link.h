// Where a symbolic link says that it leads; it is not followed.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"

#include <string>
#include <string_view>

namespace cfwarden {

// `name`: an entry of an opened directory. At most 4,096 bytes; a longer one is an Error.
Result<std::string> link_target(const Opened& directory, std::string_view name);

}  // namespace cfwarden
