// What a journal says of a run: what fix was about to do, and what became of it. Never content,
// never a hash of it. How it is written: journal_json.h.
#pragma once

#include "cfwarden/mend/inode_identity.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/plan.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace cfwarden {

// The first of a journal: which run it is of.
struct JournalRun {
  std::string tool_version;
  std::string user;
  std::uint32_t euid = 0;
  std::string root;  // "/" or the DIR of --root.
  FileId root_id;
  std::int64_t started = 0;
};

// Before an object is changed.
struct Intent {
  std::size_t number = 0;
  std::string path;  // From the audited root. Any bytes.
  FileType type = FileType::regular;
  InodeIdentity identity;
  std::int64_t changed_nanoseconds = 0;
  // Whoever writes to the file moves these: a new secret is not to be opened by undo.
  std::int64_t modified = 0;  // Seconds since the epoch.
  std::uint64_t size = 0;
  Attributes before;
  Attributes after;
  // The state of first touch: `before`, but where an interrupted run had begun to change the inode.
  Attributes first;
};

// One file of a token's move: who it was, and as what it is known now.
struct MovedFile {
  std::string path;
  InodeIdentity identity;
  std::int64_t changed_nanoseconds = 0;
  std::int64_t modified_nanoseconds = 0;
  std::uint64_t size = 0;
  Permissions permissions;
};

// Before a token is moved, and once it has been.
struct TokenMove {
  std::size_t number = 0;
  std::string unit_path;
  std::string token_path;
  std::string unit_temporary;  // Names beside them that may be left over.
  std::string token_temporary;
  MovedFile unit_before;
  std::optional<MovedFile> unit_after;  // Only once it was moved.
  std::optional<MovedFile> token_after;
};

// What became of an intent or a move, as the last record on it says.
enum class Fate { intended, done, failed, being_undone, undone, left };

struct Recorded {
  std::variant<Intent, TokenMove> what;
  Fate fate = Fate::intended;
  std::int64_t changed_nanoseconds = 0;  // Of done: ctime afterwards.
};

}  // namespace cfwarden
