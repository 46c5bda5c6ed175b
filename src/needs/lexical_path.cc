#include "cfwarden/needs/lexical_path.h"

namespace cfwarden {
namespace {

void append_components(std::string& path, std::string_view more) {
  while (!more.empty()) {
    const std::string_view component = more.substr(0, more.find('/'));
    more.remove_prefix(component.size() < more.size() ? component.size() + 1 : more.size());
    if (component == "..") {
      path.resize(path.empty() ? 0 : path.rfind('/'));
    } else if (!component.empty() && component != ".") {
      path += '/';
      path += component;
    }
  }
}

}  // namespace

std::string lexical_path(std::string_view directory, std::string_view path) {
  std::string whole;
  if (!path.starts_with('/')) append_components(whole, directory);
  append_components(whole, path);
  return whole.empty() ? "/" : whole;
}

}  // namespace cfwarden
