// What standard output can show.
#pragma once

#include "cfwarden/cli/command_line.h"
#include "cfwarden/output/format.h"

#include <string>

namespace cfwarden {

// --color, whose value is the wish below.
Option color_option();

// `wish`: auto, always or never. auto honours NO_COLOR, TERM=dumb and a standard output that is no
// terminal.
Terminal terminal_for(const std::string& wish);

// True when standard error is a terminal, where progress may be drawn.
bool progress_wanted();

}  // namespace cfwarden
