#include "cfwarden/output/json_text.h"

#include "cfwarden/base/printable.h"

namespace cfwarden {

std::string json_text(std::string_view bytes) {
  return is_valid_utf8(bytes) ? std::string{bytes} : printable(bytes);
}

std::string base64_of(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? letters[group >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return text;
}

std::string without_delete(std::string json) {
  for (auto at = json.find('\x7f'); at != std::string::npos; at = json.find('\x7f', at)) {
    json.replace(at, 1, "\\u007f");
  }
  return json;
}

}  // namespace cfwarden
