// The directories that cloudflared searches by default, in its own order.
#pragma once

#include <array>
#include <string_view>

namespace cfwarden {

inline constexpr std::array<std::string_view, 3> directories_of_a_home{
    ".cloudflared", ".cloudflare-warp", "cloudflare-warp"};
inline constexpr std::array<std::string_view, 2> directories_of_the_system{
    "/etc/cloudflared", "/usr/local/etc/cloudflared"};

// One of those of the system itself.
bool is_system_directory(std::string_view path);

// Goes by the name alone: a copy of a home, wherever it lies, has such a directory too.
bool is_default_directory(std::string_view path);

// Whether the path is one of them or lies below one.
bool in_default_directory(std::string_view path);

}  // namespace cfwarden
