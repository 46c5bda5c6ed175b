#include "cfwarden/app/undo.h"

#include "cfwarden/exposure/exposure.h"
#include "cfwarden/host/accounts.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/process.h"
#include "cfwarden/mend/change.h"
#include "cfwarden/mend/circumstances.h"
#include "cfwarden/mend/token_return.h"
#include "cfwarden/remedy/refusal.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

// Only the running host is the root that was recorded by its name alone.
std::string opened_root(const JournalRun& run) {
  return run.root == "/" ? "" : run.root;
}

// An object that lies there now, and what the journal says of it.
struct Found {
  Opened object;
  Circumstances now;
};

Attributes attributes_of(const FileFacts& facts) {
  return {.permissions = facts.permissions, .default_acl = facts.default_acl};
}

std::string joined_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The attributes that a run takes back, by inode.
using Returning = std::map<FileId, const Attributes*>;

Returning returning_of(const ReadJournal& journal) {
  Returning all;
  for (const Recorded& recorded : journal.records) {
    const auto* intent = std::get_if<Intent>(&recorded.what);
    if (intent != nullptr) all.emplace(intent->identity.id, &intent->first);
  }
  return all;
}

// The directories above are taken back in the same run.
FileFacts restored(FileFacts facts, const Attributes& before, const Returning& returning) {
  facts.permissions = before.permissions;
  facts.default_acl = before.default_acl;
  for (DirectoryFacts& directory : facts.ancestors) {
    const auto known = returning.find(directory.id);
    if (known != returning.end()) directory.permissions = known->second->permissions;
  }
  return facts;
}

// Who can read, or for a directory write or list, then and not now.
std::string opens_to(const FileFacts& now, const FileFacts& before, const Accounts& accounts) {
  const Exposure closed = exposure_of(now, accounts);
  const Exposure open = exposure_of(before, accounts);
  if (open.readers.strangers && !closed.readers.strangers) return "everyone";
  std::vector<std::string> names;
  const auto add_new = [&](const Reach& then, const Reach& today) {
    for (const std::string& name : then.accounts) {
      const bool is_new = std::ranges::find(today.accounts, name) == today.accounts.end();
      if (is_new && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  };
  add_new(open.readers, closed.readers);
  add_new(open.writers, closed.writers);
  std::ranges::sort(names);
  return joined_names(names);
}

bool is_one_of(const Attributes& now, const std::vector<Attributes>& states) {
  return std::ranges::find(states, now) != states.end();
}

// A run that was killed leaves any state between the old and the new.
bool is_as_recorded(const Attributes& now, const Recorded& recorded, const Intent& intent) {
  if (now == intent.after) return true;
  if (recorded.fate == Fate::done) return false;
  return is_one_of(now, states_between(intent.before, intent.after, intent.type)) ||
         is_one_of(now, states_between(intent.after, intent.first, intent.type));
}

// The run that is taken back, and where.
struct Scene {
  const UndoHost& host;
  const Returning& returning;
};

// One recorded change on its way back.
class Return {
 public:
  Return(const Scene& scene, const Recorded& recorded, const Intent& intent)
      : scene_{scene}, host_{scene.host}, recorded_{recorded}, intent_{intent} {}

  // nullopt: it is as it was before, and there is nothing to take back.
  std::optional<Restoration> look() {
    Restoration restoration{.path = intent_.path, .type = intent_.type, .before = intent_.first};
    name_owners(restoration);
    Result<Opener> opener = Opener::at(host_.root);  // Directories may just have been restored.
    if (!opener) return left(std::move(restoration), opener.error().what);
    Result<Opened> opened = opener->open(intent_.path, Named::yes);
    if (!opened) return left(std::move(restoration), "cannot be opened: " + opened.error().what);
    Result<Circumstances> now = circumstances_of(*opened);
    if (!now) return left(std::move(restoration), now.error().what);
    restoration.now = attributes_of(now->facts);
    name_owners(restoration);
    const Result<InodeIdentity> identity = identity_of(*opened->descriptor);
    if (!identity || *identity != intent_.identity) {
      return left(std::move(restoration), "changed since: another file lies there now");
    }
    if (restoration.now == intent_.first) return std::nullopt;
    if (!is_as_recorded(restoration.now, recorded_, intent_)) {
      const Expected expected{
          .id = now->facts.id, .type = intent_.type, .attributes = intent_.after};
      return left(std::move(restoration), "changed since: " + difference(expected, now->facts));
    }
    if (const auto why_not = forbidden(*now, host_.accounts, {}, true)) {
      return left(std::move(restoration), why_not->why);
    }
    const FileFacts before = restored(now->facts, intent_.first, scene_.returning);
    restoration.opens_to = opens_to(now->facts, before, host_.accounts);
    found_ = Found{std::move(*opened), std::move(*now)};
    opener_ = std::move(*opener);
    return restoration;
  }

  // After a look() that left nothing in the way.
  Applied carry_out(Journal& journal) {
    if (const Result<Done> noted = journal.undoing(intent_.number); !noted) {
      return {.outcome = Outcome::refused,
              .why = "the journal cannot be written: " + noted.error().what};
    }
    const ChangeResult result =
        change({.opener = *opener_,
                .object = found_->object,
                .expected = {.id = found_->now.facts.id,
                             .type = intent_.type,
                             .attributes = attributes_of(found_->now.facts)},
                .after = intent_.first,
                .direction = Direction::restore,
                .named = Named::yes});
    if (std::holds_alternative<Changed>(result)) {
      (void)journal.undone(intent_.number);  // Next time it is found as it was before.
      return {.outcome = Outcome::done, .why = {}};
    }
    if (const auto* untouched = std::get_if<Untouched>(&result)) {
      return {.outcome = Outcome::refused, .why = untouched->why};
    }
    return {.outcome = Outcome::failed, .why = std::get<HalfChanged>(result).why};
  }

 private:
  static Restoration left(Restoration restoration, std::string why) {
    restoration.left_because = std::move(why);
    return restoration;
  }

  void name_owners(Restoration& restoration) const {
    const Accounts& accounts = host_.accounts;
    restoration.owner_now = accounts.user_name(restoration.now.permissions.uid);
    restoration.group_now = accounts.group_name(restoration.now.permissions.gid);
    restoration.owner_before = accounts.user_name(restoration.before.permissions.uid);
    restoration.group_before = accounts.group_name(restoration.before.permissions.gid);
  }

  const Scene& scene_;
  const UndoHost& host_;
  const Recorded& recorded_;
  const Intent& intent_;
  std::optional<Opener> opener_;
  std::optional<Found> found_;
};

// A token's move. nullopt: nothing of it is left to take back.
std::optional<Restoration> look_at(const TokenMove& move, Fate fate, const UndoHost& host) {
  Restoration restoration{.path = move.unit_path, .token_file = move.token_path};
  const Result<Opener> opener = Opener::at(host.root);
  if (!opener) {
    restoration.left_because = opener.error().what;
    return restoration;
  }
  const MoveStanding standing = standing_of(*opener, move, fate);
  if (standing.state == MoveStanding::State::as_before) return std::nullopt;
  restoration.left_because = standing.why;
  if (standing.why.empty()) restoration.opens_to = "everyone, through ps and systemctl show";
  return restoration;
}

// What was left of temporary names goes, even where the move itself never was.
std::optional<Restoration> take_back(const TokenMove& move, Fate fate, const UndoHost& host,
                                     Journal& journal) {
  auto restoration = look_at(move, fate, host);
  const Result<Opener> opener = Opener::at(host.root);
  if (!opener || interrupted()) return restoration;
  const Applied applied =
      take_token_back({.opener = *opener, .move = move, .fate = fate, .journal = journal});
  if (restoration) restoration->applied = applied;
  return restoration;
}

std::optional<Restoration> take_back(const Intent& intent, const Recorded& recorded,
                                     const Scene& scene, Journal& journal) {
  Return back{scene, recorded, intent};
  auto restoration = back.look();
  if (!restoration) {
    (void)journal.undone(intent.number);  // Next time it is found as it was before, too.
  } else if (interrupted()) {
    restoration->applied = {.outcome = Outcome::not_reached, .why = {}};
  } else if (!restoration->left_because.empty()) {
    (void)journal.left(intent.number, restoration->left_because);
    restoration->applied = {.outcome = Outcome::refused, .why = restoration->left_because};
  } else {
    restoration->applied = back.carry_out(journal);
  }
  return restoration;
}

Undoing blank_undoing(const ReadJournal& journal) {
  return {.run = recorded_runs({journal}).front(), .tool_version = CFWARDEN_VERSION};
}

void add(Restoration restoration, const UndoHost& host, Undoing& undoing) {
  undoing.acl_names.add(restoration.now, host.accounts);
  undoing.acl_names.add(restoration.before, host.accounts);
  undoing.restorations.push_back(std::move(restoration));
}

int exit_code_of(const Undoing& undoing) {
  const bool all = std::ranges::all_of(undoing.restorations, [&](const Restoration& one) {
    const bool is_done = !undoing.is_applied || one.applied.outcome == Outcome::done;
    return one.left_because.empty() && is_done;
  });
  return all && !undoing.interrupted ? 0 : 4;
}

}  // namespace

std::vector<RecordedRun> recorded_runs(const std::vector<ReadJournal>& journals) {
  std::vector<RecordedRun> runs;
  for (const ReadJournal& journal : journals) {
    runs.push_back({.name = journal.name,
                    .started = journal.run.started,
                    .user = journal.run.user,
                    .root = journal.run.root,
                    .changes = journal.records.size(),
                    .was_interrupted = journal.is_interrupted(),
                    .is_undone = journal.is_undone()});
  }
  return runs;
}

const ReadJournal* run_to_undo(const std::vector<ReadJournal>& journals, const std::string& name) {
  const auto found = std::find_if(journals.rbegin(), journals.rend(), [&](const ReadJournal& one) {
    return name.empty() ? !one.is_undone() : one.name == name;
  });
  return found == journals.rend() ? nullptr : &*found;
}

Result<UndoHost> host_of(const ReadJournal& journal) {
  const JournalRun& run = journal.run;
  const Result<Opener> opener = Opener::at(opened_root(run));
  if (!opener) return Error{run.root + ": " + opener.error().what, opener.error().code};
  const Result<Opened> root = opener->open("/");
  if (!root) return Error{run.root + ": " + root.error().what, root.error().code};
  if (root->facts.id != run.root_id) {
    return Error{run.root + " is not the directory that the run worked on", ESTALE};
  }
  KnownAccounts known = run.root == "/" ? running_accounts(*opener) : accounts_of_root(*opener);
  (void)confine_supervisor();  // An old kernel lacks it.
  return UndoHost{.root = opened_root(run), .accounts = std::move(known.accounts)};
}

Undoing plan_undo(const ReadJournal& journal, const UndoHost& host) {
  Undoing undoing = blank_undoing(journal);
  const Returning returning = returning_of(journal);
  const Scene scene{host, returning};
  for (auto recorded = journal.records.rbegin(); recorded != journal.records.rend(); ++recorded) {
    if (recorded->fate == Fate::undone) continue;
    const auto* intent = std::get_if<Intent>(&recorded->what);
    auto restoration = intent != nullptr
                           ? Return{scene, *recorded, *intent}.look()
                           : look_at(std::get<TokenMove>(recorded->what), recorded->fate, host);
    if (restoration) add(std::move(*restoration), host, undoing);
  }
  undoing.exit_code = exit_code_of(undoing);
  return undoing;
}

Result<Undoing> carry_out_undo(const ReadJournal& journal, const UndoHost& host,
                               const StateDirectory& state) {
  Result<Journal> notes = Journal::open(state, journal);
  if (!notes) return notes.error();
  Undoing undoing = blank_undoing(journal);
  const Returning returning = returning_of(journal);
  const Scene scene{host, returning};
  for (auto recorded = journal.records.rbegin(); recorded != journal.records.rend(); ++recorded) {
    if (recorded->fate == Fate::undone) continue;
    const auto* intent = std::get_if<Intent>(&recorded->what);
    auto restoration = intent != nullptr ? take_back(*intent, *recorded, scene, *notes)
                                         : take_back(std::get<TokenMove>(recorded->what),
                                                     recorded->fate, host, *notes);
    if (restoration) add(std::move(*restoration), host, undoing);
  }
  undoing.is_applied = true;
  undoing.interrupted = interrupted();
  undoing.exit_code = exit_code_of(undoing);
  return undoing;
}

}  // namespace cfwarden
