// Which files git keeps in the repositories they lie in: by the index of the nearest .git above
// each. No program is run, and no history is looked at.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct TrackedFiles {
  std::map<std::string, Tracking> by_path;  // Every path that was asked for.
  std::vector<Gap> gaps;                    // An index that was not understood.
};

// `paths` as the audited host names them, without links. `reading_group`: of a uid, as ReadRequest
// wants it.
TrackedFiles tracked_files(const Opener& opener, std::span<const std::string> paths,
                           const std::function<std::uint32_t(std::uint32_t)>& reading_group);

}  // namespace cfwarden
