// What --exclude and the settings leave out. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

// A glob with a slash is held against the whole path and every directory above it, so that a
// directory's covers what is below; one without is held against the last component.
bool is_excluded(std::string_view path, std::span<const std::string> globs);

}  // namespace cfwarden
