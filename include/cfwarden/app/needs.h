// From the ways in which cloudflared is started to what each credential is needed by.
//
// Promises  a need that an ordinary user controls is told of that user's own files only, and makes
//           no host a connector. Only the file that would really be opened is needed.
#pragma once

#include "cfwarden/app/look.h"
#include "cfwarden/app/starts.h"
#include "cfwarden/app/subjects.h"

#include <vector>

namespace cfwarden {

// Looks into the files that are needed, gives every subject of the look its needs and what follows
// from them, and adds a subject for each start.
void add_needs(Look& look, const std::vector<KnownStart>& starts, const StartSearch& search,
               const SubjectFrame& frame);

}  // namespace cfwarden
