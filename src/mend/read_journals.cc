#include "cfwarden/mend/read_journals.h"

#include "cfwarden/mend/journal_file.h"
#include "cfwarden/mend/journal_line.h"
#include "cfwarden/mend/journal_order.h"
#include "cfwarden/mend/steps.h"

#include <algorithm>
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

// Begun, and not said to be at an end: it may be in any state in between.
bool is_open_ended(Fate fate) {
  return fate == Fate::intended || fate == Fate::being_undone;
}

// On its way to what was intended, or on the way back.
bool is_left_by(const Intent& intent, const Attributes& now) {
  const auto there = states_between(intent.before, intent.after, intent.type);
  const auto back = states_between(intent.after, intent.first, intent.type);
  return std::ranges::find(there, now) != there.end() || std::ranges::find(back, now) != back.end();
}

Error flawed(std::string_view name, std::size_t line, std::string_view why) {
  return {std::string{name} + ".jsonl: line " + std::to_string(line) +
              " is damaged: " + std::string{why},
          0};
}

// "" when it fits; else why not.
std::string take(ReadJournal& journal, std::string_view text, bool is_first) {
  Result<JournalLine> line = parse_line(text);
  if (!line) return line.error().what;
  const bool is_run = std::holds_alternative<JournalRun>(line->record);
  if (is_first && !is_run) return "a journal begins with its run";
  if (!is_first) {
    const std::string_view why = misplaced(journal, *line);
    if (!why.empty()) return std::string{why};
  }
  add_to(journal, std::move(*line));
  return "";
}

}  // namespace

bool ReadJournal::is_undone() const {
  return std::ranges::all_of(records, [](const Recorded& recorded) {
    return recorded.fate == Fate::undone || recorded.fate == Fate::left;
  });
}

bool ReadJournal::is_interrupted() const {
  if (records.empty()) return false;
  return !has_end || std::ranges::any_of(records, [](const Recorded& recorded) {
    return is_open_ended(recorded.fate);
  });
}

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

Result<ReadJournal> parse_journal(std::string_view name, std::string_view bytes) {
  if (bytes.size() > max_journal_bytes) {
    return Error{std::string{name} + ".jsonl: is larger than 64 MiB", 0};
  }
  ReadJournal journal;
  journal.name = name;
  std::size_t number = 0;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      // The write of the last line was cut short, and what it was to announce never began.
      journal.is_torn = true;
      break;
    }
    ++number;
    const std::string why = take(journal, bytes.substr(0, end), number == 1);
    if (!why.empty()) return flawed(name, number, why);
    bytes.remove_prefix(end + 1);
  }
  return journal;
}

const Attributes* first_touch(const std::vector<ReadJournal>& journals,
                              const InodeIdentity& identity, const Attributes& now) {
  for (auto journal = journals.rbegin(); journal != journals.rend(); ++journal) {
    for (auto recorded = journal->records.rbegin(); recorded != journal->records.rend();
         ++recorded) {
      const auto* intent = std::get_if<Intent>(&recorded->what);
      if (intent == nullptr || !(intent->identity == identity)) continue;
      const bool is_half = is_open_ended(recorded->fate) || recorded->fate == Fate::failed ||
                           recorded->fate == Fate::left;
      if (!is_half) return nullptr;
      if (journal->is_interrupted()) return is_left_by(*intent, now) ? &intent->first : nullptr;
    }
  }
  return nullptr;
}

}  // namespace cfwarden
