// Where walks begin: at the starts, and then at the mounts that were met, one after the other once
// all else has been walked, so that no result depends on which thread came first. The calling
// thread's.
#pragma once

#include "cfwarden/sweep/sweep_state.h"
#include "cfwarden/sweep/sweep_worker.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

// What a start is, as it lies there: a link is not followed.
struct SweepStart {
  std::string path;
  FileId id;
  FileType type = FileType::other;
};

// Sorted by path; what cannot be a start is a gap.
std::vector<SweepStart> starts_of(const SweepOptions& options, GapList& gaps);

class SweepLead {
 public:
  explicit SweepLead(SweepState& state) : state_{state}, worker_{state, 0} {}

  void begin(const std::vector<SweepStart>& starts);
  void run();

 private:
  void begin_at_directory(const SweepStart& start);
  void begin_at_file(const SweepStart& start);
  bool enter_mounts();
  bool may_enter(const DirectoryRef& mount);
  bool is_kept_off(const std::string& path, int descriptor, bool named);
  bool was_begun(const std::string& path, const FileId& id);

  SweepState& state_;
  SweepWorker worker_;
  std::map<FileId, std::string> begun_;  // Where a walk began, and as what.
};

}  // namespace cfwarden
