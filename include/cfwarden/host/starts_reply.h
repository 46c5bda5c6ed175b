// What a worker makes of the definitions of services, as bytes; bounded, and checked field by field
// when they come back. Format: as in reply.h.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/needs/definitions.h"

#include <string>
#include <string_view>

namespace cfwarden {

// What does not fit into max_reading_bytes is left out, and a gap says so. Paths that are not
// absolute, or of more than 4,096 bytes, are left out of lists of paths.
std::string encode_starts(const Starts& starts);

Result<Starts> decode_starts(std::string_view bytes);

}  // namespace cfwarden
