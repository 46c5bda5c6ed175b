// What git has in its index and not in HEAD's commit: the content that a commit is about to bring,
// and not that of the work tree. Handed over to be looked into with the files of a sweep.
//
// Expects   a repository of the caller's own (or, of root's, root): as git does, any other one is
//           refused.
// Promises  no program is run. Each object, loose or packed, is unpacked in a worker, under limits.
//           What HEAD has under the same path is left out, counted; what could not be found or read
//           is a gap. Where HEAD cannot be read, that is one, and everything is looked into.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/model/report.h"
#include "cfwarden/sweep/content_sweep.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// As git tells its hooks, by variables: absolute, instead of what would be found; or "".
struct GitPlaces {
  std::string index;
  std::string directory;
  std::string work_tree;  // Means something with a directory only.
};

struct StagedRequest {
  std::string directory;  // Absolute: in the work tree.
  GitPlaces git;
  std::uint64_t max_size = 0;
  std::function<bool(std::string_view path)> excluded;            // May be empty.
  std::function<std::uint32_t(std::uint32_t uid)> reading_group;  // As ReadRequest wants it.
};

struct StagedObject {
  std::string path;  // Of the file that it is staged for.
  std::string id;
};

struct StagedFiles {
  std::string top;                    // Of the work tree.
  std::vector<StagedObject> objects;  // To be looked into.
  std::size_t older = 0;              // Entries that HEAD has as they are.
  std::string object_directory;
  std::vector<Gap> gaps;
  std::size_t handed = 0;   // Looked into.
  std::uint64_t bytes = 0;  // Of them.
};

// An Error: nothing can be looked at, and why.
Result<StagedFiles> staged_files(const StagedRequest& request, const Opener& opener);

// For ContentSweepRequest::more.
void hand_over_staged(const HandOverMore& hand_over, const StagedRequest& request,
                      const Opener& opener, StagedFiles& staged);

}  // namespace cfwarden
