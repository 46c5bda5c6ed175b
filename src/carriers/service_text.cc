#include "cfwarden/carriers/service_text.h"

namespace cfwarden {

std::string without_secrets(std::string_view text, std::string_view /*placeholder*/) {
  return std::string{text};
}

bool may_concern_cloudflared(std::string_view text) {
  return text.find("cloudflared") != text.npos || text.find("TUNNEL_") != text.npos;
}

}  // namespace cfwarden
