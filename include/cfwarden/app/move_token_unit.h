// The unit that a person means by a name or a path.
#pragma once

#include "cfwarden/base/result.h"

#include <string>
#include <vector>

namespace cfwarden {

struct FoundUnit {
  std::string name;     // "cloudflared.service".
  std::string path;     // "/etc/systemd/system/cloudflared.service", inside the root.
  std::string why_not;  // It is there, and not the administrator's own to change; else "".
};

// A name without a suffix is a service's. An Error: there is no unit of that name, no such file, or
// it cannot be the name of a service. It is never echoed: somebody may have given the token.
Result<FoundUnit> find_unit(const std::string& root, const std::string& unit);

// For systemd to read a unit that has changed and to start the service with it. Empty for a name
// that cannot be copied.
std::vector<std::string> commands_for_changed(const std::string& unit);

}  // namespace cfwarden
