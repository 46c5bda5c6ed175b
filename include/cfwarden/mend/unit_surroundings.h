// What else says something of a system unit: then its own file is not all that systemd goes by.
#pragma once

#include "cfwarden/host/opener.h"

#include <string>
#include <string_view>

namespace cfwarden {

// Where cloudflared installs its unit; the only place of units that this program changes.
inline constexpr std::string_view installed_units = "/etc/systemd/system";

// A clause about what lies anywhere systemd looks: a directory of drop-ins, a unit of the same name
// that comes before the one in installed_units, another name for it, a link of its name to another
// one. "" for nothing. What could not be looked at is a clause, too.
std::string what_bears_on(const Opener& opener, std::string_view unit_name);

// The directory of systemd that holds this unit, the first in its order; "" for none.
std::string directory_of_unit(const Opener& opener, std::string_view unit_name);

}  // namespace cfwarden
