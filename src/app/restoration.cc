#include "cfwarden/app/restoration.h"

#include "cfwarden/app/move_token_unit.h"
#include "cfwarden/base/path.h"
#include "cfwarden/exposure/exposure.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/change.h"
#include "cfwarden/mend/circumstances.h"
#include "cfwarden/mend/token_return.h"
#include "cfwarden/remedy/refusal.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace cfwarden {
namespace {

std::string joined_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
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
bool is_as_recorded(const Attributes& now, Fate fate, const Intent& intent) {
  if (now == intent.after) return true;
  if (fate == Fate::done) return false;
  return is_one_of(now, states_between(intent.before, intent.after, intent.type)) ||
         is_one_of(now, states_between(intent.after, intent.first, intent.type));
}

// As far as can be told without remembering it.
bool has_content_of(const FileFacts& now, const Intent& intent) {
  return now.modified == intent.modified && now.size == intent.size;
}

// Under the names that it used while it wrote.
bool has_left_something(const TokenMove& move, const UndoHost& host) {
  const Result<Opener> opener = Opener::at(host.root);
  if (!opener) return true;
  const auto is_there = [&](const std::string& beside, const std::string& name) {
    const std::string path = std::string{directory_of(beside)} + "/" + name;
    const Result<Opened> found = opener->open(path, Named::no, Detail::status);
    return found || !is_absent(found.error());
  };
  return is_there(move.unit_path, move.unit_temporary) ||
         is_there(move.token_path, move.token_temporary);
}

Restoration left(Restoration restoration, std::string why) {
  restoration.left_because = std::move(why);
  return restoration;
}

}  // namespace

Returning returning_of(const ReadJournal& journal) {
  Returning all;
  for (const Recorded& recorded : journal.records) {
    const auto* intent = std::get_if<Intent>(&recorded.what);
    if (intent != nullptr) all.emplace(intent->identity.id, &intent->first);
  }
  return all;
}

std::optional<Restoration> Return::look() {
  return std::visit([this](const auto& what) { return look_at(what); }, recorded_.what);
}

void Return::settle(const std::optional<Restoration>& seen, Journal& journal) {
  const auto number = std::visit([](const auto& what) { return what.number; }, recorded_.what);
  if (seen) {
    (void)journal.left(number, seen->left_because);  // It is told all the same.
    return;
  }
  const auto* move = std::get_if<TokenMove>(&recorded_.what);
  if (move != nullptr && has_left_something(*move, host_)) return;  // Its record still leads there.
  (void)journal.undone(number);  // Next time it is found as it was before, too.
}

void Return::clear() {
  const auto* move = std::get_if<TokenMove>(&recorded_.what);
  const Result<Opener> opener = Opener::at(host_.root);
  if (move != nullptr && opener) (void)remove_leftovers(*opener, {*move});
}

Applied Return::carry_out(Journal& journal) {
  return std::visit([&](const auto& what) { return take_back(what, journal); }, recorded_.what);
}

std::optional<Restoration> Return::look_at(const Intent& intent) {
  Restoration restoration{.path = intent.path, .type = intent.type, .before = intent.first};
  name_owners(restoration);
  Result<Opener> opener = Opener::at(host_.root);  // Directories may just have been restored.
  if (!opener) return left(std::move(restoration), opener.error().what);
  Result<Opened> opened = opener->open(intent.path, Named::yes);
  if (!opened) return left(std::move(restoration), "cannot be opened: " + opened.error().what);
  Result<Circumstances> now = circumstances_of(*opened);
  if (!now) return left(std::move(restoration), now.error().what);
  restoration.now = attributes_in(now->facts);
  name_owners(restoration);
  const Result<InodeIdentity> identity = identity_of(*opened->descriptor);
  if (!identity || *identity != intent.identity) {
    return left(std::move(restoration), "changed since: another file lies there now");
  }
  if (restoration.now == intent.first) return std::nullopt;
  if (!is_as_recorded(restoration.now, recorded_.fate, intent)) {
    const Expected expected{.id = now->facts.id, .type = intent.type, .attributes = intent.after};
    return left(std::move(restoration), "changed since: " + difference(expected, now->facts));
  }
  if (intent.type == FileType::regular && !has_content_of(now->facts, intent)) {
    return left(std::move(restoration), "changed since: it was written to after the run");
  }
  if (const auto why_not = forbidden(*now, host_.accounts, {}, true)) {
    return left(std::move(restoration), why_not->why);
  }
  const FileFacts before = restored(now->facts, intent.first, returning_);
  restoration.opens_to = opens_to(now->facts, before, host_.accounts);
  found_.emplace(Found{std::move(*opener), std::move(*opened), std::move(*now)});
  return restoration;
}

std::optional<Restoration> Return::look_at(const TokenMove& move) {
  Restoration restoration{.path = move.unit_path, .token_file = move.token_path};
  const Result<Opener> opener = Opener::at(host_.root);
  if (!opener) return left(std::move(restoration), opener.error().what);
  const MoveStanding standing = standing_of(*opener, move, recorded_.fate);
  if (standing.state == MoveStanding::State::as_before) return std::nullopt;
  if (!standing.why.empty()) return left(std::move(restoration), standing.why);
  restoration.opens_to = "everyone, through ps and systemctl show";
  restoration.commands = commands_for_changed(std::string{file_name_of(move.unit_path)});
  return restoration;
}

Applied Return::take_back(const Intent& intent, Journal& journal) {
  if (const Result<Done> noted = journal.undoing(intent.number); !noted) {
    return {.outcome = Outcome::refused,
            .why = "the journal cannot be written: " + noted.error().what};
  }
  const FileFacts& now = found_->now.facts;
  const ChangeResult result =
      change({.opener = found_->opener,
              .object = found_->object,
              .expected = {.id = now.id, .type = intent.type, .attributes = attributes_in(now)},
              .after = intent.first,
              .direction = Direction::restore,
              .named = Named::yes});
  if (std::holds_alternative<Changed>(result)) {
    (void)journal.undone(intent.number);  // Next time it is found as it was before.
    return {.outcome = Outcome::done, .why = {}};
  }
  if (const auto* untouched = std::get_if<Untouched>(&result)) {
    return {.outcome = Outcome::refused, .why = untouched->why};
  }
  return {.outcome = Outcome::failed, .why = std::get<HalfChanged>(result).why};
}

Applied Return::take_back(const TokenMove& move, Journal& journal) {
  const Result<Opener> opener = Opener::at(host_.root);
  if (!opener) return {.outcome = Outcome::refused, .why = opener.error().what};
  return take_token_back(
      {.opener = *opener, .move = move, .fate = recorded_.fate, .journal = journal});
}

void Return::name_owners(Restoration& restoration) const {
  const Accounts& accounts = host_.accounts;
  restoration.owner_now = accounts.user_name(restoration.now.permissions.uid);
  restoration.group_now = accounts.group_name(restoration.now.permissions.gid);
  restoration.owner_before = accounts.user_name(restoration.before.permissions.uid);
  restoration.group_before = accounts.group_name(restoration.before.permissions.gid);
}

}  // namespace cfwarden
