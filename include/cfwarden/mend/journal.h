// What fix did, on disk before it does it. One file a run, one JSON line a record, each with a CRC.
//
// <state>/journal/<utc>-<pid>.jsonl, made with O_CREAT|O_EXCL|O_NOFOLLOW 0600 when the first record
// is written: a run that changes nothing leaves none. Every record is on disk (fdatasync; the first
// one also fsyncs the directory) before the call returns. Never content, never a hash of it.
//
// Record      {"op": ..., ..., "crc": "xxxxxxxx"}: CRC-32 (IEEE) of the line without its last
//             member, i.e. of everything before `,"crc":`.
// run         first line: version 1, tool, user, euid, root, root's device and inode, started.
// intent      number (1 up), path (bytes, base64), type, dev, inode, btime, generation (null where
//             there is none), ctime, before, after, first: the state of first touch, which is
//             `before` but where an interrupted run had begun to change the inode.
// done, fail  number, and the ctime afterwards or why.
// move, moved of a token: unit and token file with their identities; see TokenMove.
// undoing     the number that undo is about to restore; undone: it has been. left: it was not, why.
// end         the run came to its end.
// undo appends to the file of the run it takes back.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/mend/state_directory.h"
#include "cfwarden/model/plan.h"
#include "cfwarden/model/undoing.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cfwarden {

struct JournalLine;  // Known to journal_line.h.

// An inode across its reuse: a number is given away again, its birth and generation are not.
struct InodeIdentity {
  FileId id;
  std::optional<std::int64_t> born_nanoseconds;  // statx btime.
  std::optional<std::uint32_t> generation;       // FS_IOC_GETVERSION, where it can be asked.
  // What only one of the two knows does not count: an O_PATH descriptor has no generation.
  friend bool operator==(const InodeIdentity& a, const InodeIdentity& b);
};

struct JournalRun {
  std::string tool_version;
  std::string user;
  std::uint32_t euid = 0;
  std::string root;  // "/" or the DIR of --root.
  FileId root_id;
  std::int64_t started = 0;
};

struct Intent {
  std::size_t number = 0;
  std::string path;  // From the audited root. Any bytes.
  FileType type = FileType::regular;
  InodeIdentity identity;
  std::int64_t changed_nanoseconds = 0;
  Attributes before;
  Attributes after;
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

struct TokenMove {
  std::size_t number = 0;
  std::string unit_path;
  std::string token_path;
  std::string unit_temporary;  // Names beside them that may be left over.
  std::string token_temporary;
  MovedFile unit_before;
  std::optional<MovedFile> unit_after;  // Of the record `moved` only.
  std::optional<MovedFile> token_after;
};

// What became of an intent or a move, as the last record on it says.
enum class Fate { intended, done, failed, being_undone, undone, left };

struct Recorded {
  std::variant<Intent, TokenMove> what;
  Fate fate = Fate::intended;
  std::int64_t changed_nanoseconds = 0;  // Of done: ctime afterwards.
};

struct ReadJournal {
  std::string name;  // Without .jsonl.
  JournalRun run;
  std::vector<Recorded> records;  // By number.
  bool has_end = false;
  bool is_torn = false;         // Its last line was cut short and was ignored.
  bool is_undone() const;       // Nothing is left that undo could take back, or all was left alone.
  bool is_interrupted() const;  // No end, or something begun whose fate is not known.
};

class Journal {
 public:
  // Nothing is on disk until the first record.
  Journal(const StateDirectory& state, JournalRun run);
  // To append what undo does.
  static Result<Journal> open(const StateDirectory& state, const ReadJournal& journal);

  // ENOSPC and all other failures: the record is not on disk, and nothing may be changed. Numbers
  // count up from 1; `done` is for an intent, `moved` for a move.
  Result<Done> intend(const Intent& intent);
  Result<Done> intend(const TokenMove& move);
  Result<Done> done(std::size_t number, std::int64_t changed_nanoseconds);
  Result<Done> moved(const TokenMove& move);
  Result<Done> failed(std::size_t number, std::string_view why);
  Result<Done> undoing(std::size_t number);
  Result<Done> undone(std::size_t number);
  Result<Done> left(std::size_t number, std::string_view why);
  Result<Done> end();

  const std::string& name() const { return so_far_.name; }  // "" until the first record.

 private:
  Journal(const StateDirectory& state, ReadJournal so_far, Descriptor file);
  Result<Done> append(JournalLine line);
  Result<Done> begin(const std::string& first_record);
  Result<Done> make_file();
  Result<Done> write_durably(const std::string& line);
  std::string path() const;

  const StateDirectory* state_ = nullptr;
  ReadJournal so_far_;  // What the file holds.
  Descriptor file_;
  bool is_unsound_ = false;  // What its end is like is not known: nothing more is written.
};

// A journal that is damaged, linked, foreign (another owner than root or the caller), or open to
// others: until it is settled neither fix nor undo goes on.
struct UnsoundJournal {
  std::string path;
  Error error;                 // Begins with the path.
  bool is_only_loose = false;  // Nothing but its mode is at fault.
};
struct FoundJournals {
  std::vector<ReadJournal> sound;  // Oldest first, as the others.
  std::vector<UnsoundJournal> unsound;
};
// Only the last line may be torn, and then has no newline. An Error: they could not even be listed.
Result<FoundJournals> find_journals(const StateDirectory& state);

// Every journal, oldest first. An Error names the first that is unsound.
Result<std::vector<ReadJournal>> read_journals(const StateDirectory& state);

// The bytes of one; pure. An Error says what is wrong and at which line, never what stands there.
Result<ReadJournal> parse_journal(std::string_view name, std::string_view bytes);

// The state of first touch of an inode that an interrupted run, not yet undone, had begun to
// change; nullptr where a later run came to an end with it, or somebody else changed it since:
// `now` is then no state in which that run can have left it.
const Attributes* first_touch(const std::vector<ReadJournal>& journals,
                              const InodeIdentity& identity, const Attributes& now);

Result<InodeIdentity> identity_of(const Descriptor& object);

}  // namespace cfwarden
