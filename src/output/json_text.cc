#include "cfwarden/output/json_text.h"

#include "cfwarden/base/printable.h"

namespace cfwarden {

std::string json_text(std::string_view bytes) {
  return is_valid_utf8(bytes) ? std::string{bytes} : printable(bytes);
}

std::string without_delete(std::string json) {
  for (auto at = json.find('\x7f'); at != std::string::npos; at = json.find('\x7f', at)) {
    json.replace(at, 1, "\\u007f");
  }
  return json;
}

}  // namespace cfwarden
