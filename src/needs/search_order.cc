#include "cfwarden/needs/search_order.h"

#include "cfwarden/model/cloudflared_directories.h"

#include <algorithm>

namespace cfwarden {
namespace {

void append_components(std::string& path, std::string_view more) {
  while (!more.empty()) {
    const std::string_view component = more.substr(0, more.find('/'));
    more.remove_prefix(std::min(component.size() + 1, more.size()));
    if (component.empty() || component == ".") continue;
    path += '/';
    path += component;
  }
}

}  // namespace

std::optional<std::string> expand_home(std::string_view value, std::string_view home) {
  if (!value.starts_with('~')) return std::string{value};
  const std::string_view rest = value.substr(1);
  if (home.empty() || !(rest.empty() || rest[0] == '/' || rest[0] == '\\')) return std::nullopt;
  std::string path{home};
  if (!rest.empty() && rest[0] != '/') path += '/';
  return path.append(rest);
}

std::string absolute_path(std::string_view value, std::string_view working_directory) {
  std::string path;
  if (!value.starts_with('/')) append_components(path, working_directory);
  append_components(path, value);
  return path.empty() ? "/" : path;
}

std::vector<std::string> default_directories(std::string_view home) {
  std::vector<std::string> directories;
  if (!home.empty()) {
    for (const std::string_view name : directories_of_a_home) {
      directories.push_back(std::string{home} + '/' + std::string{name});
    }
  }
  directories.insert(directories.end(), directories_of_the_system.begin(),
                     directories_of_the_system.end());
  return directories;
}

}  // namespace cfwarden
