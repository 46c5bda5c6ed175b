#include "cfwarden/host/path_text.h"

#include <algorithm>
#include <cstddef>

namespace cfwarden {

std::string joined(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path.append(directory);
  if (!path.ends_with('/')) path += '/';
  return path.append(name);
}

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (!component.empty() && component != ".") components.emplace_back(component);
  }
  return components;
}

std::string normal_path(std::string_view path) {
  std::string normal;
  for (const std::string& component : components_of(path)) normal.append("/").append(component);
  return normal.empty() ? "/" : normal;
}

}  // namespace cfwarden
