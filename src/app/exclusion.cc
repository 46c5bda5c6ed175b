#include "cfwarden/app/exclusion.h"

#include "cfwarden/base/glob.h"
#include "cfwarden/base/path.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

bool covers(std::string_view glob, std::string_view path) {
  if (glob.find('/') == std::string_view::npos) return glob_matches(glob, file_name_of(path));
  for (std::size_t end = path.size(); end != std::string_view::npos && end != 0;
       end = path.rfind('/', end - 1)) {
    if (glob_matches(glob, path.substr(0, end))) return true;
  }
  return false;
}

}  // namespace

bool is_excluded(std::string_view path, std::span<const std::string> globs) {
  return std::ranges::any_of(globs, [&](const std::string& glob) { return covers(glob, path); });
}

bool is_made_by_kernel(std::string_view path) {
  constexpr std::array<std::string_view, 6> places{"/proc",      "/sys",        "/dev/fd",
                                                   "/dev/stdin", "/dev/stdout", "/dev/stderr"};
  return std::ranges::any_of(places, [path](std::string_view one) { return lies_in(path, one); });
}

}  // namespace cfwarden
