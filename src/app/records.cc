#include "cfwarden/app/records.h"

#include "cfwarden/base/shell_word.h"
#include "cfwarden/host/accounts.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/opener.h"

#include <cerrno>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view meaning = "nothing is mended or taken back until this is settled";

Error barred(const Error& error) {
  const bool is_held = error.code == EWOULDBLOCK;  // It passes by itself.
  return {is_held ? error.what : error.what + "\n" + std::string{meaning}, ENOTRECOVERABLE};
}

std::string remedy_of(const UnsoundJournal& journal) {
  const auto file = shell_word(journal.path);
  const auto aside = shell_word(journal.path + ".damaged");
  if (!file || !aside) return "look at it, and move it elsewhere";
  const std::string command = caller_uid() == 0 ? "sudo " : "";
  if (journal.is_only_loose) return "after looking at it: " + command + "chmod 0600 " + *file;
  return "after looking at it: " + command + "mv " + *file + " " + *aside +
         "\nthat run can then not be undone";
}

Result<std::optional<StateDirectory>> open_state(RecordsFor purpose) {
  if (purpose == RecordsFor::looking) return StateDirectory::existing();
  Result<StateDirectory> locked = StateDirectory::locked();
  if (!locked) return locked.error();
  return std::optional<StateDirectory>{std::move(*locked)};
}

}  // namespace

Result<RunRecords> open_records(RecordsFor purpose) {
  Result<std::optional<StateDirectory>> state = open_state(purpose);
  if (!state) return barred(state.error());
  RunRecords records{.state = std::move(*state), .journals = {}};
  if (!records.state) return records;
  Result<FoundJournals> found = find_journals(*records.state);
  if (!found) return barred(found.error());
  if (!found->unsound.empty()) return complaint_about(found->unsound.front());
  records.journals = std::move(found->sound);
  return records;
}

Result<bool> has_records() {
  const Result<std::optional<StateDirectory>> state = StateDirectory::existing();
  if (!state) return barred(state.error());
  return state->has_value();
}

Result<FoundJournals> list_records() {
  const Result<std::optional<StateDirectory>> state = StateDirectory::existing();
  if (!state) return barred(state.error());
  if (!*state) return FoundJournals{};
  Result<FoundJournals> found = find_journals(**state);
  if (!found) return barred(found.error());
  return found;
}

Error complaint_about(const UnsoundJournal& journal) {
  return barred({journal.error.what + "\n" + remedy_of(journal), journal.error.code});
}

std::string caller_name() {
  const Result<Opener> opener = Opener::at("");
  const Accounts accounts = opener ? accounts_of_root(*opener).accounts : Accounts{};
  return accounts.user_name(caller_uid());
}

}  // namespace cfwarden
