// One thread's way back to directories that keep no descriptor: it remembers where it was last, and
// goes from there up by "..", or down by names from the next directory above that is open. Whatever
// it reaches is the inode that was walked, or an Error.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/sweep/directory.h"
#include "cfwarden/sweep/entry_opener.h"

#include <vector>

namespace cfwarden {

class DirectoryReach {
 public:
  explicit DirectoryReach(const EntryOpener& opener) : opener_{opener} {}

  // Good until the next call. EXDEV never: mounts on the way were judged when they were entered.
  Result<int> descriptor_of(const DirectoryRef& directory);
  // This thread has just been in `directory`, and needs its descriptor no more.
  void remember(DirectoryRef directory, Descriptor descriptor);

 private:
  bool go_up_to(const Directory& directory);
  Result<int> come_down_to(const DirectoryRef& directory);

  const EntryOpener& opener_;
  DirectoryRef here_;
  Descriptor descriptor_;
};

}  // namespace cfwarden
