#include "cfwarden/host/path_text.h"

#include <algorithm>

namespace cfwarden {
namespace {

// "" for what names nothing.
std::string_view take_component(std::string_view& path) {
  const std::string_view component = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(component.size() + 1, path.size()));
  return component == "." ? std::string_view{} : component;
}

}  // namespace

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
    const std::string_view component = take_component(path);
    if (!component.empty()) components.emplace_back(component);
  }
  return components;
}

std::string normal_path(std::string_view path) {
  std::string normal;
  normal.reserve(path.size() + 1);
  while (!path.empty()) {
    const std::string_view component = take_component(path);
    if (!component.empty()) normal.append("/").append(component);
  }
  return normal.empty() ? "/" : normal;
}

}  // namespace cfwarden
