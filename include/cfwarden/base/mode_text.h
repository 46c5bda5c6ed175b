// A mode as chmod takes it and people read it: "0644", "4755".
#pragma once

#include <string>

namespace cfwarden {

// Four octal digits; what lies above 07777, the type of a file, is left out.
std::string mode_text(unsigned mode);

}  // namespace cfwarden
