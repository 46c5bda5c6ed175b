// Which files git keeps in the repositories they lie in: by the index of the nearest .git above
// each. No program is run, and no history is looked at.
//
// Promises  bounded work, by the user whose repositories they are and in all, those that only root
//           controls first. What a user's files take to find their .git counts, too. What is beyond
//           it, or cannot be told, is unknown and a gap: "not tracked" is what an index says, or
//           that there is no .git.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct GitBounds {
  std::size_t work_trees = 4096;
  std::uint64_t bytes = std::uint64_t{2} << 30;  // Of indexes.
  // Of one user: a sweep finds as many as they make.
  std::size_t work_trees_of_user = 512;
  std::uint64_t bytes_of_user = std::uint64_t{256} << 20;
  std::chrono::milliseconds patience_with_user{30'000};
};

struct AskedFile {
  std::string path;       // As the audited host names it, without links.
  std::uint32_t uid = 0;  // Who made it lie where it does.
};

struct TrackedFiles {
  std::map<std::string, Tracking> by_path;  // Every path that was asked for.
  std::vector<Gap> gaps;                    // An index that was not asked, or not understood.
};

// `reading_group`: of a uid, as ReadRequest wants it.
TrackedFiles tracked_files(const Opener& opener, std::span<const AskedFile> files,
                           const std::function<std::uint32_t(std::uint32_t)>& reading_group,
                           const GitBounds& bounds = {});

}  // namespace cfwarden
