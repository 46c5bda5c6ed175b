// The inodes with several names that were seen, for threads. Bounded: when it is full, nothing more
// is remembered, and a file may be seen anew under its other names.
#pragma once

#include "cfwarden/model/file_facts.h"

#include <cstddef>
#include <mutex>
#include <vector>

namespace cfwarden {

class LinkSet {
 public:
  static constexpr std::size_t most_inodes = 49'152;  // In 1 MiB.

  // True when `id` was not seen before, or that is not known.
  bool is_new(const FileId& id);

 private:
  std::size_t slot_of(const FileId& id) const;
  void grow();

  std::mutex mutex_;
  std::vector<FileId> slots_;  // Open addressing; no file has inode 0.
  std::size_t used_ = 0;
};

}  // namespace cfwarden
