// Whether a flag, variable or key is there for a secret, told by its name: "--token",
// "TUNNEL_TOKEN", "TunnelSecret", "api-key", but not "token-file" or "secretName".
#pragma once

#include <string_view>

namespace cfwarden {

// Leading dashes, case, `_` and `-` count for nothing.
bool names_a_secret(std::string_view name);

}  // namespace cfwarden
