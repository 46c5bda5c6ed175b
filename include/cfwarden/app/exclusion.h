// What --exclude and the settings leave out, and what is never looked at because a service names
// it. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

// A glob with a slash is held against the whole path and every directory above it, so that a
// directory's covers what is below; one without is held against the last component.
bool is_excluded(std::string_view path, std::span<const std::string> globs);

// What stands there is made anew for whoever opens it: of us it says nothing about another process,
// and to read some of it takes something away (/proc/kmsg).
bool is_made_by_kernel(std::string_view path);

}  // namespace cfwarden
