// Paths as text: bytes between slashes. Nothing here asks the file system.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

std::string joined(std::string_view directory, std::string_view name);

// Without empty ones and ".": those name nothing. ".." stays: what it means depends on links.
std::vector<std::string> components_of(std::string_view path);

// Absolute, with one slash between components and none at the end: "/" for no components.
std::string normal_path(std::string_view path);

}  // namespace cfwarden
