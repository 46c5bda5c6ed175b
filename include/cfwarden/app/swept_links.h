// A file with several names is read once, under whichever name came first: what is told of it is
// told under the first of its names in the order of paths, so that two sweeps are the same.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/sweep/content_sweep.h"

#include <string>
#include <vector>

namespace cfwarden {

// `request`: of the sweep that found them; `root`: of the audited host. Sweeps the names again
// where there is such a file, and reads it again under its first name.
Result<Done> take_first_names(std::vector<FoundFile>& found, const ContentSweepRequest& request,
                              const Opener& opener, const std::string& root);

}  // namespace cfwarden
