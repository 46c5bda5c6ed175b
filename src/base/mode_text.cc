#include "cfwarden/base/mode_text.h"

#include <cstddef>

namespace cfwarden {

std::string mode_text(unsigned mode) {
  std::string text = "0000";
  for (std::size_t i = text.size(); i-- > 0; mode >>= 3) {
    text[i] = static_cast<char>('0' + (mode & 7));
  }
  return text;
}

}  // namespace cfwarden
