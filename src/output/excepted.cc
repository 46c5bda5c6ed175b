#include "cfwarden/output/excepted.h"

namespace cfwarden {

std::string accepted_until(const Exception& exception) {
  std::string text = "until " + exception.expires;
  text += " by " + exception.owner;
  text += ": " + exception.reason;
  return text;
}

}  // namespace cfwarden
