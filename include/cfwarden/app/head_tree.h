// What of a git index HEAD's commit has, too: under the same path the same object and mode. In a
// merge, HEAD alone is asked.
//
// Expects   entries of an index, sorted by name as it has them; directories of the caller's own.
// Promises  no program is run; every object and file is read and parsed in a worker. As many trees
//           are read as the entries lie in, and for no longer than the given time. What could not
//           be read is no match, and a gap.
#pragma once

#include "cfwarden/app/git_objects.h"
#include "cfwarden/base/git_index.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/model/report.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct HeadRequest {
  std::string top;               // Of the work tree, for gaps.
  std::string git_directory;     // Where HEAD is.
  std::string common_directory;  // Where the refs and objects are.
  std::function<std::uint32_t(std::uint32_t uid)> reading_group;
  std::chrono::milliseconds patience{60'000};
};

struct HeadComparison {
  std::vector<bool> same;  // For each entry.
  std::vector<Gap> gaps;
};

// Before the first commit nothing is the same.
HeadComparison compare_with_head(std::span<const GitEntry> entries, const HeadRequest& request,
                                 const Opener& opener, GitObjects& objects);

}  // namespace cfwarden
