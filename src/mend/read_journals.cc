#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/journal_file.h"

#include <cerrno>
#include <utility>

namespace cfwarden {
namespace {

Result<ReadJournal> read_journal(const StateDirectory& state, const std::string& name) {
  const Result<Descriptor> file = open_journal_file(state, name, JournalAccess::read);
  if (!file) return file.error();
  const Result<std::string> bytes = bytes_of(*file, journal_path(state, name));
  if (!bytes) return bytes.error();
  Result<ReadJournal> journal = parse_journal(name, *bytes);
  if (!journal) return Error{state.path() + "/journal/" + journal.error().what, 0};
  return journal;
}

}  // namespace

Result<FoundJournals> find_journals(const StateDirectory& state) {
  const Result<std::vector<JournalName>> names = journal_names(state);
  if (!names) return names.error();
  FoundJournals found;
  for (const JournalName& name : *names) {
    const std::string text = text_of(name);
    Result<ReadJournal> journal = read_journal(state, text);
    if (journal) {
      found.sound.push_back(std::move(*journal));
    } else {
      found.unsound.push_back({.path = journal_path(state, text),
                               .error = journal.error(),
                               .is_only_loose = journal.error().code == EPERM});
    }
  }
  return found;
}

Result<std::vector<ReadJournal>> read_journals(const StateDirectory& state) {
  Result<FoundJournals> found = find_journals(state);
  if (!found) return found.error();
  if (!found->unsound.empty()) return found->unsound.front().error;
  return std::move(found->sound);
}

}  // namespace cfwarden
