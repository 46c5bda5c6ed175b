// A key of a cloudflared configuration that names something elsewhere. Not secret, but hostile
// text.
#pragma once

#include <cstddef>
#include <string>

namespace cfwarden {

struct Pointer {
  // As config.yml has it, from a variable too: "credentials-file", "origincert", "token-file",
  // "tunnel", "logfile", "log-directory".
  std::string key;
  std::string value;
  std::size_t line = 0;
};

}  // namespace cfwarden
