#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/journal_file.h"

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

Result<std::vector<ReadJournal>> read_journals(const StateDirectory& state) {
  const Result<std::vector<JournalName>> names = journal_names(state);
  if (!names) return names.error();
  std::vector<ReadJournal> journals;
  for (const JournalName& name : *names) {
    Result<ReadJournal> journal = read_journal(state, text_of(name));
    if (!journal) return journal.error();
    journals.push_back(std::move(*journal));
  }
  return journals;
}

}  // namespace cfwarden
