#include "cfwarden/model/cloudflared_directories.h"

#include <algorithm>

namespace cfwarden {

bool is_system_directory(std::string_view path) {
  return std::ranges::find(directories_of_the_system, path) != directories_of_the_system.end();
}

bool is_default_directory(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::ranges::find(directories_of_a_home, name) != directories_of_a_home.end() ||
         is_system_directory(path);
}

bool in_default_directory(std::string_view path) {
  // Asked of every name of a walk: most paths are answered by one search.
  if (path.find("cloudflare") == std::string_view::npos) return false;
  while (path.size() > 1) {
    if (is_default_directory(path)) return true;
    path = path.substr(0, path.rfind('/'));
  }
  return false;
}

}  // namespace cfwarden
