// Where cloudflared looks by default, and what it makes of a path that it is given. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// `~` and what begins with `~/`, as cloudflared's home directory library expands them; nullopt
// where it refuses: another account's `~alice`, or a home that is not known ("").
std::optional<std::string> expand_home(std::string_view value, std::string_view home);

// From the working directory ("" is "/"), without empty and "." components; ".." stays.
std::string absolute_path(std::string_view value, std::string_view working_directory);

// In order; those of the home are left out where it is not known.
std::vector<std::string> default_directories(std::string_view home);

}  // namespace cfwarden
