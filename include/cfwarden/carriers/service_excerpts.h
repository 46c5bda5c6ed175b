// The one core of the carriers that find credentials in the text of a service's definition,
// whatever its syntax: tokens, broken over lines or in base64 once more, tunnel credentials and
// the token block of an account certificate. The carriers only add their name and where it stands.
//
// Promises  each secret once a line, with the line of its first byte; what is left of a token
//           whose name is cloudflared's own is decoded as strictly as cloudflared does. Linear.
#pragma once

#include "cfwarden/carriers/carrier.h"

#include <cstddef>
#include <string_view>

namespace cfwarden {

// Where a token stands that has no flag, variable or key in front of it. `at` is its offset.
using BarePlacement = Placement (*)(std::string_view text, std::size_t at);

Unwrapped service_excerpts(std::string_view carrier, std::string_view text, BarePlacement bare);

}  // namespace cfwarden
