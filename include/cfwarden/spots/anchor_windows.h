// Where each anchor's window begins, and its bucket: chosen once, when the program was built.
//
// Supplies  anchor_windows(), by the order of all_anchors(): what choose_windows() says of them.
// Promises  Empty where the program was built for a processor that could not be asked: then the
//           search chooses for itself.
#pragma once

#include "cfwarden/search/window_filter.h"

#include <span>

namespace cfwarden {

std::span<const WindowChoice> anchor_windows();

}  // namespace cfwarden
