// What the threads of one sweep share.
#pragma once

#include "cfwarden/host/mounts.h"
#include "cfwarden/sweep/directory.h"
#include "cfwarden/sweep/entry_opener.h"
#include "cfwarden/sweep/gap_list.h"
#include "cfwarden/sweep/link_set.h"
#include "cfwarden/sweep/sweep.h"
#include "cfwarden/sweep/task_pool.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace cfwarden {

// Mounts that were met, to be judged one after the other once all else has been walked: which of
// two mounts of one directory is walked must not depend on who came first.
class MetMounts {
 public:
  void add(DirectoryRef directory);
  std::vector<DirectoryRef> take();

 private:
  std::mutex mutex_;
  std::vector<DirectoryRef> met_;
};

class SkippedMounts {
 public:
  void add(SkippedMount mount);
  std::vector<SkippedMount> sorted();

 private:
  std::mutex mutex_;
  std::vector<SkippedMount> skipped_;
};

struct SweepState {
  const SweepOptions& options;
  const SweepEvents& events;
  SweepProgress& progress;
  Mounts mounts;
  EntryOpener opener;
  DescriptorBudget budget;
  std::vector<FileId> starts;  // Sorted; of more than one each is walked by itself.
  TaskPool pool{};
  GapList gaps{};
  LinkSet links{};
  MetMounts met_mounts{};
  SkippedMounts skipped{};
  std::atomic<bool> stopped{false};
  std::function<void()> call_help{};  // By the first thread, once there is work for others.

  bool goes_on();
  void stop();
  // Tells of a mount that is not entered; false for one that may be, as far as its path tells.
  bool skips_mount(const std::string& path);
};

}  // namespace cfwarden
