#include "cfwarden/host/system_error.h"

#include <cctype>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

namespace cfwarden {

Error system_error(std::string_view call, int code) {
  const char* known = strerrordesc_np(code);
  std::string what{call};
  what += ": ";
  const std::size_t begin = what.size();
  what += known != nullptr ? known : "error " + std::to_string(code);
  what[begin] = static_cast<char>(std::tolower(what[begin]));
  return {std::move(what), code};
}

bool is_absent(const Error& error) {
  return error.code == ENOENT || error.code == ENOTDIR;
}

}  // namespace cfwarden
