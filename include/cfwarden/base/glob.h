// Shell-like patterns over paths, for --exclude and the text facts of rules.
//
// `*` stands for any bytes but '/', `**` for any bytes at all, `?` for one byte that is not '/';
// every other byte stands for itself: there are no brackets, braces or escapes, and the pattern
// has to cover the whole text. Time is at most pattern times text, whatever either holds.
#pragma once

#include <string_view>

namespace cfwarden {

bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace cfwarden
