#include "cfwarden/mend/token_return.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/new_file.h"
#include "cfwarden/mend/replaced_unit.h"
#include "cfwarden/mend/sync_directory.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

using State = MoveStanding::State;

bool is_as_recorded(const MovedFile& now, const MovedFile& then) {
  return now.identity == then.identity && now.changed_nanoseconds == then.changed_nanoseconds &&
         now.modified_nanoseconds == then.modified_nanoseconds && now.size == then.size &&
         now.permissions == then.permissions;
}

MoveStanding changed_since(std::string what) {
  return {State::changed, "changed since: " + std::move(what)};
}

// Both places as they are now, and what they make of a move.
struct MoveNow {
  std::optional<HeldPlace> unit;
  std::optional<HeldPlace> token;  // No value: its directory is absent.
  MoveStanding standing;
};

// Only its own two places: a journal is root's, and still no reason to write anywhere else.
bool is_of_ours(const TokenMove& move) {
  return move.token_path == moved_token_path && is_temporary_name(move.unit_temporary) &&
         is_temporary_name(move.token_temporary);
}

// The unit holds its token.
MoveStanding standing_with_token(const UnitWithToken& command, const HeldFile* token,
                                 const TokenMove& move, Fate fate) {
  if (token == nullptr) return {State::as_before, {}};
  const std::string path = move.token_path;
  const bool may_be_ours = !move.token_after || fate == Fate::being_undone;
  if (!may_be_ours) return changed_since(move.unit_path + " holds a token again");
  const bool is_ours = move.token_after ? is_as_recorded(token->facts, *move.token_after)
                                        : why_not_closed(*token).empty();
  if (!is_ours || token->bytes.reveal() != command.token) {
    return changed_since(path + " is not the file that was written");
  }
  return {State::half_moved, {}};
}

// The unit names the token file. What was never recorded as moved is recognised by what it must be.
MoveStanding standing_with_file(const HeldFile& unit, const HeldFile* token,
                                const TokenMove& move) {
  if (token == nullptr) return changed_since(move.token_path + " is gone");
  const Result<Secret> before =
      with_token(unit.bytes.reveal(), move.token_path, token->bytes.reveal());
  if (!before) return changed_since(move.unit_path + ": " + before.error().what);
  if (move.unit_after && move.token_after) {
    if (!is_as_recorded(unit.facts, *move.unit_after)) {
      return changed_since(move.unit_path + " is not the file that was written");
    }
    if (!is_as_recorded(token->facts, *move.token_after)) {
      return changed_since(move.token_path + " is not the file that was written");
    }
    return {State::moved, {}};
  }
  if (std::string why = why_not_closed(*token); !why.empty()) {
    return changed_since(move.token_path + " " + why);
  }
  const bool is_written = before->size() == move.unit_before.size &&
                          unit.facts.permissions == move.unit_before.permissions;
  if (!is_written) return changed_since(move.unit_path + " is not the file that was written");
  return {State::moved, {}};
}

MoveNow look_again(const Opener& opener, const TokenMove& move, Fate fate) {
  MoveNow now;
  if (!is_of_ours(move)) {
    now.standing = {State::changed, "the record names other places than a move of ours"};
    return now;
  }
  Result<HeldPlace> unit = hold(opener, move.unit_path);
  Result<HeldPlace> token = hold(opener, move.token_path);
  if (!unit || !unit->file) {
    now.standing = changed_since(unit ? move.unit_path + " is gone" : unit.error().what);
    return now;
  }
  if (!token && !is_absent(token.error())) {
    now.standing = changed_since(token.error().what);
    return now;
  }
  now.unit = std::move(*unit);
  if (token) now.token = std::move(*token);
  const HeldFile* token_file = now.token && now.token->file ? &*now.token->file : nullptr;
  const Result<UnitWithToken> command = unit_with_token(now.unit->file->bytes.reveal());
  if (command) {
    now.standing = standing_with_token(*command, token_file, move, fate);
  } else if (command.error().code == EALREADY) {
    now.standing = standing_with_file(*now.unit->file, token_file, move);
  } else {
    now.standing = changed_since(move.unit_path + ": " + command.error().what);
  }
  return now;
}

// Of a name that only root could have given, and root's own file: nobody else's is removed.
bool remove_leftover(const Opened& directory, const std::string& name) {
  struct stat found {};
  if (!is_temporary_name(name) ||
      fstatat(directory.descriptor->get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(found.st_mode) || found.st_uid != geteuid()) {
    return false;
  }
  return remove_name(*directory.descriptor, name).has_value();
}

// One way back, after a look that found something of the move.
class WayBack {
 public:
  WayBack(const TokenReturn& order, const MoveNow& now) : order_{order}, now_{now} {}

  Applied go() {
    if (auto noted = told(order_.after_step, order_.journal.undoing(order_.move.number), "undoing");
        !noted) {
      return {.outcome = Outcome::refused,
              .why = "the journal cannot be written: " + noted.error().what};
    }
    (void)remove_leftovers(order_.opener, {order_.move});
    if (now_.standing.state == State::moved) {
      if (auto back = put_back(); !back) {
        (void)remove_leftovers(order_.opener, {order_.move});
        return {.outcome = Outcome::failed, .why = back.error().what};
      }
      if (auto synced = sync_directory(*now_.unit->directory.descriptor); !synced) {
        return {.outcome = Outcome::failed, .why = synced.error().what};
      }
    }
    if (now_.standing.state != State::as_before) {
      const std::string token_name{file_name_of(order_.move.token_path)};
      const auto gone =
          told(order_.after_step, remove_name(*now_.token->directory.descriptor, token_name),
               "token removed");
      if (!gone) {
        return {.outcome = Outcome::failed,
                .why = order_.move.token_path + ": " + gone.error().what};
      }
    }
    // Without the record it is found so next time.
    (void)told(order_.after_step, order_.journal.undone(order_.move.number), "undone");
    return {.outcome = Outcome::done, .why = {}};
  }

 private:
  Result<Done> put_back() {
    const HeldFile& unit = *now_.unit->file;
    const Result<Secret> bytes =
        with_token(unit.bytes.reveal(), order_.move.token_path, now_.token->file->bytes.reveal());
    if (!bytes) return bytes.error();
    if (auto unmoved = check_unmoved(*now_.token); !unmoved) return unmoved;
    return replace_unit({.place = *now_.unit,
                         .temporary = order_.move.unit_temporary,
                         .bytes = *bytes,
                         .permissions = order_.move.unit_before.permissions},
                        order_.after_step);
  }

  const TokenReturn& order_;
  const MoveNow& now_;
};

}  // namespace

MoveStanding standing_of(const Opener& opener, const TokenMove& move, Fate fate) {
  return look_again(opener, move, fate).standing;
}

Applied take_token_back(const TokenReturn& order) {
  const MoveNow now = look_again(order.opener, order.move, order.fate);
  if (now.standing.state == State::changed) {
    (void)order.journal.left(order.move.number, now.standing.why);  // It is told all the same.
    return {.outcome = Outcome::refused, .why = now.standing.why};
  }
  return WayBack{order, now}.go();
}

bool is_unfinished(const Recorded& recorded) {
  const auto* move = std::get_if<TokenMove>(&recorded.what);
  if (move == nullptr || recorded.fate == Fate::undone) return false;
  return !move->unit_after || recorded.fate == Fate::being_undone;
}

std::vector<std::string> remove_leftovers(const Opener& opener,
                                          const std::vector<TokenMove>& moves) {
  std::vector<std::string> removed;
  for (const TokenMove& move : moves) {
    for (const auto& [path, name] : {std::pair{move.unit_path, move.unit_temporary},
                                     std::pair{move.token_path, move.token_temporary}}) {
      const std::string beside{directory_of(path)};
      const Result<Opened> directory = opener.open(beside);
      if (!directory || !directory->territory.trusted) continue;
      if (remove_leftover(*directory, name)) removed.push_back(joined(beside, name));
    }
  }
  return removed;
}

std::optional<TokenMove> completed_move(const Opener& opener, const TokenMove& move, Fate fate) {
  const MoveNow now = look_again(opener, move, fate);
  if (now.standing.state != State::moved) return std::nullopt;
  TokenMove record = move;
  record.unit_after = now.unit->file->facts;
  record.token_after = now.token->file->facts;
  return record;
}

}  // namespace cfwarden
