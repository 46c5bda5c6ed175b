#include "cfwarden/app/undo.h"

#include "cfwarden/host/accounts.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

namespace cfwarden {
namespace {

constexpr const char* running_host = "/";

// Only the running host is the root that was recorded by its name alone.
std::string opened_root(const JournalRun& run) {
  return run.root == running_host ? "" : run.root;
}

Result<FileId> id_of_root(const Opener& opener) {
  const Result<Opened> root = opener.open("/");
  if (!root) return root.error();
  return root->facts.id;
}

// An image that was removed, a disk that is no longer mounted: another directory may lie there.
bool is_root_gone(const JournalRun& run) {
  if (run.root == running_host) return false;
  const Result<Opener> opener = Opener::at(run.root);
  if (!opener) return is_absent(opener.error());
  const Result<FileId> id = id_of_root(*opener);
  return id ? *id != run.root_id : is_absent(id.error());
}

Error gone(const ReadJournal& journal) {
  return {"run " + journal.name + " worked on " + journal.run.root +
              ", which is gone: it cannot be taken back; name another, see cfwarden undo --list",
          ESTALE};
}

RecordedRun recorded_run(const ReadJournal& journal) {
  const auto left = std::ranges::count(journal.records, Fate::left, &Recorded::fate);
  return {.name = journal.name,
          .started = journal.run.started,
          .user = journal.run.user,
          .root = journal.run.root,
          .changes = journal.records.size(),
          .was_interrupted = journal.is_interrupted(),
          .is_undone = journal.is_undone(),
          .left_alone = static_cast<std::size_t>(left),
          .is_root_gone = !journal.is_undone() && is_root_gone(journal.run)};
}

int exit_code_of(const Undoing& undoing) {
  const bool all = std::ranges::all_of(undoing.restorations, [&](const Restoration& one) {
    const bool is_done = !undoing.is_applied || one.applied.outcome == Outcome::done;
    return one.left_because.empty() && is_done;
  });
  return all && !undoing.interrupted ? 0 : 4;
}

// What is to become of one recorded change that was looked at.
using Treatment = std::function<void(Return& back, std::optional<Restoration>& seen)>;

Undoing over_all(const ReadJournal& journal, const UndoHost& host, const Treatment& treat) {
  Undoing undoing{.run = recorded_run(journal), .tool_version = CFWARDEN_VERSION};
  const Returning returning = returning_of(journal);
  for (auto recorded = journal.records.rbegin(); recorded != journal.records.rend(); ++recorded) {
    if (recorded->fate == Fate::undone) continue;
    Return back{host, returning, *recorded};
    std::optional<Restoration> seen = back.look();
    treat(back, seen);
    if (!seen) {
      ++undoing.as_before;
      continue;
    }
    undoing.acl_names.add(seen->now, host.accounts);
    undoing.acl_names.add(seen->before, host.accounts);
    undoing.restorations.push_back(std::move(*seen));
  }
  return undoing;
}

bool is_to_be_restored(const std::optional<Restoration>& seen) {
  return seen && seen->left_because.empty();
}

Applied treated(Return& back, const std::optional<Restoration>& seen, Journal& journal) {
  if (interrupted()) return {.outcome = Outcome::not_reached, .why = {}};
  if (is_to_be_restored(seen)) return back.carry_out(journal);
  if (!seen) back.clear();
  back.settle(seen, journal);
  return {.outcome = Outcome::refused, .why = seen ? seen->left_because : ""};
}

}  // namespace

std::vector<RecordedRun> recorded_runs(const std::vector<ReadJournal>& journals) {
  std::vector<RecordedRun> runs;
  for (const ReadJournal& journal : journals) runs.push_back(recorded_run(journal));
  return runs;
}

const ReadJournal* run_to_undo(const std::vector<ReadJournal>& journals, const std::string& name) {
  const auto found = std::find_if(journals.rbegin(), journals.rend(), [&](const ReadJournal& one) {
    return name.empty() ? !one.is_undone() && !is_root_gone(one.run) : one.name == name;
  });
  return found == journals.rend() ? nullptr : &*found;
}

Result<UndoHost> host_of(const ReadJournal& journal) {
  const JournalRun& run = journal.run;
  if (is_root_gone(run)) return gone(journal);
  const Result<Opener> opener = Opener::at(opened_root(run));
  if (!opener) return Error{run.root + ": " + opener.error().what, opener.error().code};
  const Result<FileId> id = id_of_root(*opener);
  if (!id) return Error{run.root + ": " + id.error().what, id.error().code};
  if (*id != run.root_id) {
    return Error{run.root + " is not the directory that run " + journal.name + " worked on",
                 ESTALE};
  }
  KnownAccounts known =
      run.root == running_host ? running_accounts(*opener) : accounts_of_root(*opener);
  (void)confine_supervisor();  // An old kernel lacks it.
  return UndoHost{.root = opened_root(run), .accounts = std::move(known.accounts)};
}

Undoing plan_undo(const ReadJournal& journal, const UndoHost& host) {
  Undoing undoing = over_all(journal, host, [](Return&, std::optional<Restoration>&) {});
  undoing.exit_code = exit_code_of(undoing);
  return undoing;
}

Result<Done> settle_undo(const ReadJournal& journal, const UndoHost& host,
                         const StateDirectory& state) {
  Result<Journal> notes = Journal::open(state, journal);
  if (!notes) return notes.error();
  (void)over_all(journal, host, [&](Return& back, std::optional<Restoration>& seen) {
    if (!is_to_be_restored(seen)) back.settle(seen, *notes);
  });
  return Done{};
}

Result<Undoing> carry_out_undo(const ReadJournal& journal, const UndoHost& host,
                               const StateDirectory& state) {
  Result<Journal> notes = Journal::open(state, journal);
  if (!notes) return notes.error();
  Undoing undoing = over_all(journal, host, [&](Return& back, std::optional<Restoration>& seen) {
    const Applied applied = treated(back, seen, *notes);
    if (!seen) return;
    seen->applied = applied;
    const bool was_begun = applied.outcome == Outcome::done || applied.outcome == Outcome::failed;
    if (!was_begun) seen->commands.clear();
  });
  undoing.is_applied = true;
  undoing.interrupted = interrupted();
  undoing.exit_code = exit_code_of(undoing);
  return undoing;
}

}  // namespace cfwarden
