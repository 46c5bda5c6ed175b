// Absolute paths as bytes, taken apart without asking the file system.
#pragma once

#include <string_view>

namespace cfwarden {

// The last component; "" for "/".
std::string_view file_name_of(std::string_view path);

// What holds it: "/" for "/token".
std::string_view directory_of(std::string_view path);

// True for the directory itself and everything below it.
bool lies_in(std::string_view path, std::string_view directory);

}  // namespace cfwarden
