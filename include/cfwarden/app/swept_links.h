// A file with several names is read once, under whichever name came first: what is told of it is
// told under the first of its names in the order of paths, so that two sweeps are the same, and is
// judged by all of them.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/sweep/content_sweep.h"

#include <map>
#include <string>
#include <vector>

namespace cfwarden {

// Of each file that has several: those that the sweep comes by, sorted, as it has paths.
using NamesOfFiles = std::map<FileId, std::vector<std::string>>;

struct KnownNames {
  NamesOfFiles by_file;
  bool are_all = false;  // Else a file that has more names than are known may have any.
};

struct SweptHost {
  const Opener& opener;
  const std::string& root;  // Of the audited host.
  Named named = Named::no;  // Whether what was found may lie on a remote file system.
};

// `swept` is what `request` found. Sweeps the names again where there is such a file, and reads it
// again under its first name, which is looked up whole, as a PATH is: where that leads to something
// else meanwhile nothing of that is told, and where it leads nowhere, or has more than 4,096 bytes,
// the file stays told under the name by which it was read. What that could not look at, and whether
// it was stopped, is added to `swept`.
Result<KnownNames> take_names(ContentSweep& swept, const ContentSweepRequest& request,
                              const SweptHost& host);

}  // namespace cfwarden
