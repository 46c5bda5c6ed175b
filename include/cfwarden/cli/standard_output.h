// Standard output, where all data goes: at once, and with a complaint when it cannot be written.
#pragma once

#include "cfwarden/cli/exit_code.h"

#include <string_view>

namespace cfwarden {

// Answers `code`. A reader that has gone wanted no more; where the text is lost otherwise, it is
// `internal`, and the complaint ends with `if_lost`, a line of its own.
ExitCode write_out(std::string_view text, ExitCode code, std::string_view if_lost = {});

}  // namespace cfwarden
