#include "cfwarden/mend/journal.h"

#include "cfwarden/mend/journal_file.h"
#include "cfwarden/mend/journal_line.h"
#include "cfwarden/mend/journal_order.h"
#include "cfwarden/mend/own_object.h"
#include "cfwarden/mend/sync_directory.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

constexpr std::size_t max_why = 4096;

Error unsound(const std::string& path) {
  return {path + ": an earlier record could not be written, and what is on disk is not known", EIO};
}

// What was cut short by a crash, behind the last whole line.
Result<Done> cut_torn_end(const Descriptor& file, std::string_view bytes, const std::string& path) {
  const std::size_t newline = bytes.rfind('\n');
  if (newline == std::string_view::npos) return Error{path + ": holds no record", 0};
  if (newline + 1 == bytes.size()) return Done{};
  if (ftruncate(file.get(), static_cast<off_t>(newline + 1)) != 0) {
    return failure_at(path, "ftruncate", errno);
  }
  if (fdatasync(file.get()) != 0) return failure_at(path, "fdatasync", errno);
  return Done{};
}

// One write: whoever dies in it leaves a line without its newline at most. 0 or errno.
int write_once(const Descriptor& file, std::string_view line) {
  ssize_t written = 0;
  do {
    written = write(file.get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0) return errno;
  return static_cast<std::size_t>(written) == line.size() ? 0 : ENOSPC;
}

// What remains is for what becomes of them, undo's notes included.
constexpr std::size_t max_intent_bytes = max_journal_bytes / 4 * 3;

bool announces_change(const JournalLine& line) {
  return std::holds_alternative<Intent>(line.record) ||
         std::holds_alternative<TokenMove>(line.record);
}

}  // namespace

Journal::Journal(const StateDirectory& state, JournalRun run) : state_{&state} {
  so_far_.run = std::move(run);
}

Journal::Journal(const StateDirectory& state, ReadJournal so_far, Descriptor file)
    : state_{&state}, so_far_{std::move(so_far)}, file_{std::move(file)} {}

Result<Journal> Journal::open(const StateDirectory& state, const ReadJournal& journal) {
  const std::string path = journal_path(state, journal.name);
  Result<Descriptor> file = open_journal_file(state, journal.name, JournalAccess::append);
  if (!file) return file.error();
  const Result<std::string> bytes = bytes_of(*file, path);
  if (!bytes) return bytes.error();
  Result<ReadJournal> so_far = parse_journal(journal.name, *bytes);
  if (!so_far) return Error{state.path() + "/journal/" + so_far.error().what, 0};
  const Result<Done> cut = cut_torn_end(*file, *bytes, path);
  if (!cut) return cut.error();
  so_far->is_torn = false;
  return Journal{state, std::move(*so_far), std::move(*file)};
}

Result<Done> Journal::intend(const Intent& intent) {
  return append({intent});
}

Result<Done> Journal::intend(const TokenMove& move) {
  return append({move});
}

Result<Done> Journal::done(std::size_t number, std::int64_t changed_nanoseconds) {
  return append({FateChange{
      .number = number, .fate = Fate::done, .changed_nanoseconds = changed_nanoseconds}});
}

Result<Done> Journal::moved(const TokenMove& move) {
  return append({MovedToken{move}});
}

Result<Done> Journal::failed(std::size_t number, std::string_view why) {
  return append({FateChange{
      .number = number, .fate = Fate::failed, .why = std::string{why.substr(0, max_why)}}});
}

Result<Done> Journal::undoing(std::size_t number) {
  return append({FateChange{.number = number, .fate = Fate::being_undone}});
}

Result<Done> Journal::undone(std::size_t number) {
  return append({FateChange{.number = number, .fate = Fate::undone}});
}

Result<Done> Journal::left(std::size_t number, std::string_view why) {
  return append({FateChange{
      .number = number, .fate = Fate::left, .why = std::string{why.substr(0, max_why)}}});
}

Result<Done> Journal::end() {
  if (!file_.is_open()) return Done{};  // Nothing was recorded.
  return append({RunEnd{}});
}

Result<Done> Journal::append(JournalLine line) {
  if (is_unsound_) return unsound(path());
  const std::string_view why = misplaced(so_far_, line);
  if (!why.empty()) return Error{"this cannot be recorded: " + std::string{why}, EINVAL};
  const Result<std::string> text = line_of(line);
  if (!text) return text.error();
  if (announces_change(line) && bytes_ + text->size() > max_intent_bytes) {
    return Error{path() + ": holds as many changes as a run may; run fix again", EFBIG};
  }
  const Result<Done> written = file_.is_open() ? write_durably(*text) : begin(*text);
  if (!written) return written.error();
  bytes_ += text->size();
  add_to(so_far_, std::move(line));
  return Done{};
}

// All of it is on disk, or there is no file.
Result<Done> Journal::begin(const std::string& first_record) {
  const Result<std::string> run = line_of({so_far_.run});
  if (!run) return run.error();
  const Result<Done> made = make_file();
  if (!made) return made.error();
  Result<Done> written = write_durably(*run);
  if (written) written = write_durably(first_record);
  if (written) {
    const Result<Done> synced = sync_directory(state_->journals());
    if (synced) return Done{};
    written = failure_at(path(), synced.error());
  }

  const std::string file = so_far_.name + ".jsonl";
  is_unsound_ = unlinkat(state_->journals().get(), file.c_str(), 0) != 0;
  if (!is_unsound_) {
    file_ = Descriptor{};
    so_far_.name.clear();
  }
  return written.error();
}

Result<Done> Journal::make_file() {
  const Result<std::vector<JournalName>> names = journal_names(*state_);
  if (!names) return names.error();
  if (names->size() >= max_journals) {
    return Error{state_->path() + "/journal: holds " + std::to_string(max_journals) +
                     " journals; move the oldest ones elsewhere",
                 0};
  }
  const auto name = next_name(*names, so_far_.run.started, static_cast<std::uint32_t>(getpid()));
  if (!name) return Error{"the clock shows no year of four digits", EINVAL};
  const std::string text = text_of(*name);
  constexpr int flags = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  Descriptor file{openat(state_->journals().get(), (text + ".jsonl").c_str(), flags, 0600)};
  if (!file.is_open()) return failure_at(journal_path(*state_, text), "open", errno);
  file_ = std::move(file);
  so_far_.name = text;
  return Done{};
}

Result<Done> Journal::write_durably(const std::string& line) {
  struct stat before {};
  if (fstat(file_.get(), &before) != 0) return failure_at(path(), "fstat", errno);
  if (static_cast<std::size_t>(before.st_size) + line.size() > max_journal_bytes) {
    return Error{path() + ": would grow beyond 64 MiB", EFBIG};
  }
  const int unwritten = write_once(file_, line);
  const int unsynced = unwritten == 0 && fdatasync(file_.get()) != 0 ? errno : 0;
  if (unwritten == 0 && unsynced == 0) return Done{};
  // A torn line may only be the last one. After a failed fdatasync nobody knows what is on disk.
  is_unsound_ = ftruncate(file_.get(), before.st_size) != 0 || unsynced != 0;
  if (unwritten != 0) return failure_at(path(), "write", unwritten);
  return failure_at(path(), "fdatasync", unsynced);
}

std::string Journal::path() const {
  return journal_path(*state_, so_far_.name);
}

}  // namespace cfwarden
