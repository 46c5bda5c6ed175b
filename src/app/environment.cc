#include "cfwarden/app/environment.h"

#include <string_view>

namespace cfwarden {

std::string environment_text(const std::vector<Variable>& variables) {
  constexpr std::string_view special = "\"\\$`";
  std::string text;
  for (const Variable& variable : variables) {
    text += variable.name + "=\"";
    for (const char byte : variable.value) {
      if (byte == '\n') {
        text += "\\n";
        continue;
      }
      if (special.find(byte) != std::string_view::npos) text += '\\';
      text += byte;
    }
    text += "\"\n";
  }
  return text;
}

}  // namespace cfwarden
