#include "cfwarden/sweep/sweep_state.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace cfwarden {

void MetMounts::add(DirectoryRef directory) {
  const std::lock_guard lock{mutex_};
  met_.push_back(std::move(directory));
}

std::vector<DirectoryRef> MetMounts::take() {
  const std::lock_guard lock{mutex_};
  return std::exchange(met_, {});
}

void SkippedMounts::add(SkippedMount mount) {
  const std::lock_guard lock{mutex_};
  skipped_.push_back(std::move(mount));
}

std::vector<SkippedMount> SkippedMounts::sorted() {
  const std::lock_guard lock{mutex_};
  std::ranges::sort(skipped_, [](const SkippedMount& one, const SkippedMount& other) {
    return std::tie(one.path, one.why) < std::tie(other.path, other.why);
  });
  return std::move(skipped_);
}

bool SweepState::goes_on() {
  if (stopped.load(std::memory_order_relaxed)) return false;
  if (!events.keep_going || events.keep_going()) return true;
  stop();
  return false;
}

void SweepState::stop() {
  stopped.store(true, std::memory_order_relaxed);
  pool.close();
}

bool SweepState::skips_mount(const std::string& path) {
  const std::string type{mounts.type_on(path)};
  if (!type.empty()) {
    const bool is_remote = is_remote_file_system(type);
    skipped.add({path, type, is_remote ? "remote file system" : "kernel interface"});
    return true;
  }
  if (options.crossing == MountCrossing::local) return false;
  skipped.add({path, type, "another file system"});
  return true;
}

}  // namespace cfwarden
