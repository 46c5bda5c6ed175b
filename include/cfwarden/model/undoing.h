// One run of undo: which recorded changes are taken back, and what that opens again.
#pragma once

#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/plan.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {

// One object whose recorded state comes back.
struct Restoration {
  std::string path;
  FileType type = FileType::regular;
  Attributes now;
  Attributes before;  // What comes back.
  std::string owner_now;
  std::string group_now;
  std::string owner_before;
  std::string group_before;
  // What it opens again: "everyone", "group deploy: alice, bob"; "" for nobody new.
  std::string opens_to;
  // A token moved out of a unit goes back into it: then `path` is the unit's, and attributes say
  // nothing.
  std::string token_file;
  // For the person afterwards, in this order: of such a unit, for systemd to know of it.
  std::vector<std::string> commands;
  // Why it will be left alone: "changed since: mode is 0640, not 0600". "" where it is restored.
  std::string left_because;
  Applied applied;
};

// A recorded run, for undo --list.
struct RecordedRun {
  std::string name;  // "20261122T084325Z-4711".
  std::int64_t started = 0;
  std::string user;
  std::string root;
  std::size_t changes = 0;
  bool was_interrupted = false;
  bool is_undone = false;  // Nothing is left to take back, but what was left alone.
  std::size_t left_alone = 0;
  bool is_root_gone = false;  // It cannot be taken back: its DIR of --root is another one, or none.
};

// What undo --list tells.
struct RecordedRuns {
  std::vector<RecordedRun> runs;  // Oldest first.
  struct Unsound {
    std::string path;
    std::string why;
  };
  std::vector<Unsound> unsound;  // Files that cannot be trusted, and stop fix and undo.
};

struct Undoing {
  RecordedRun run;  // name is "" where there is nothing to undo.
  std::vector<Restoration> restorations;
  bool is_applied = false;
  bool interrupted = false;
  int exit_code = 0;
  std::string tool_version;
  AclNames acl_names;           // Of the entries in its restorations.
  std::size_t as_before = 0;    // Recorded objects that are as they were before the run.
  std::size_t passed_over = 0;  // Runs that were not chosen since their root is gone.
};

// What becomes of one restoration.
enum class Comeback { pending, restored, left_alone, failed, not_reached };
Comeback comeback_of(const Restoration& restoration, const Undoing& undoing);

std::size_t count(const Undoing& undoing, Comeback comeback);

}  // namespace cfwarden
