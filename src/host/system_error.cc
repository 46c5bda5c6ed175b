#include "cfwarden/host/system_error.h"

#include <cctype>
#include <cstring>
#include <string>

namespace cfwarden {

Error system_error(std::string_view call, int code) {
  const char* known = strerrordesc_np(code);
  std::string reason = known != nullptr ? known : "error " + std::to_string(code);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(reason[0]));
  return {std::string{call} + ": " + reason, code};
}

}  // namespace cfwarden
