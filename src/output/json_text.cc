#include "cfwarden/output/json_text.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/concealed.h"
#include "cfwarden/base/printable.h"

namespace cfwarden {

std::string json_text(std::string_view bytes) {
  const std::string text = concealed(bytes);
  return is_valid_utf8(text) ? text : printable(text);
}

std::optional<std::string> untold_bytes(std::string_view bytes) {
  if (is_valid_utf8(bytes) || concealed(bytes) != bytes) return std::nullopt;
  return base64_of(bytes);
}

std::string without_delete(std::string json) {
  for (auto at = json.find('\x7f'); at != std::string::npos; at = json.find('\x7f', at)) {
    json.replace(at, 1, "\\u007f");
  }
  return json;
}

}  // namespace cfwarden
