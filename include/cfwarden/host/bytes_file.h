// Bytes as a file that has no name and is gone with its last descriptor, for who takes descriptors.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"

#include <string_view>

namespace cfwarden {

Result<Descriptor> bytes_as_file(std::string_view bytes);

}  // namespace cfwarden
