// Text as one word of a shell command that people copy from a screen.
//
// Promises  nullopt for what must not be copied: a name that a screen shows differently, so that
//           what was pasted would be another one, and a name that a command takes for an option.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

std::optional<std::string> shell_word(std::string_view text);

}  // namespace cfwarden
