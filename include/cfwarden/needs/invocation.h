// What cloudflared makes of its arguments and its variables. Pure.
//
// Source    cmd/cloudflared of 2018.8.0 to 2026.8.2: its flags, which of them take no value, and
//           what its root, `tunnel` and `tunnel run` do.
#pragma once

#include "cfwarden/model/start.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

// The value of a variable, "" where it is not set: to cloudflared both are the same.
using VariableLookup = std::function<std::string_view(std::string_view name)>;

// nullopt when argv[0] is neither cloudflared's name (as its releases and packages spell it) nor
// followed by arguments that only cloudflared takes.
std::optional<Invocation> invocation_of(std::span<const std::string> argv,
                                        const VariableLookup& variable);

// By its name alone: "/usr/bin/cloudflared", "cloudflared-linux-arm64", not "cloudflared.sh".
bool is_cloudflared(std::string_view program);

}  // namespace cfwarden
