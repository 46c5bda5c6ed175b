#include "cfwarden/output/source_paths.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/path.h"

namespace cfwarden {

std::optional<std::string> path_in_source(std::string_view path, const Report& report) {
  std::string_view top = report.source_root;
  if (top.empty() || path == top || !lies_in(path, top)) return std::nullopt;
  path.remove_prefix(top.size());
  if (path.starts_with('/')) path.remove_prefix(1);
  return std::string{path};
}

std::string uri_path(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view kept = "/-._~";
  std::string text;
  for (const char c : path) {
    if (is_lower(c) || is_upper(c) || is_digit(c) || kept.find(c) != std::string_view::npos) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += '%';
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
}

}  // namespace cfwarden
