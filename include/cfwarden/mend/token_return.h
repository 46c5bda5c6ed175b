// Takes a token's move back, and recognises what a crash left of one.
//
// Expects   fresh Openers, the state directory's lock for whatever changes something.
// Promises  what is not as the record says stays as it is. All can be repeated after a crash at any
//           step.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/mend/after_step.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/model/plan.h"

#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

// How a recorded move stands now.
struct MoveStanding {
  enum class State {
    as_before,   // The unit holds its token, and there is no token file.
    half_moved,  // The unit holds its token, and the token file, too.
    moved,       // The unit names the token file, which holds it.
    changed,     // Something else: it is left alone.
  };
  State state = State::changed;
  std::string why;  // Of changed: "changed since: ..."; "" else.
};
// `fate` is the record's. A finished move (with unit_after) must find both files as they were
// recorded, to the nanosecond; an unfinished one what it would have made.
MoveStanding standing_of(const Opener& opener, const TokenMove& move, Fate fate);

// Looks again, and takes it back: the unit's bytes, mode, owner and label, the token read from its
// file; then the token file goes, and so do temporary names left over. Records undoing and undone,
// or, where it was changed since, left. Done also where there was nothing to take back. May be
// repeated after a crash at any step. /etc/cloudflared stays, also where the move made it.
struct TokenReturn {
  const Opener& opener;
  const TokenMove& move;
  Fate fate;
  Journal& journal;
  AfterStep after_step = {};
};
Applied take_token_back(const TokenReturn& order);

// An earlier move on this root that did not come to its end, or whose way back did not.
bool is_unfinished(const Recorded& recorded);

// Removes what unfinished moves left under temporary names; returns the paths. The lock is held.
std::vector<std::string> remove_leftovers(const Opener& opener,
                                          const std::vector<TokenMove>& moves);

// The record `moved` that a crash kept an unfinished move from: nullopt where it does not stand as
// moved.
std::optional<TokenMove> completed_move(const Opener& opener, const TokenMove& move, Fate fate);

}  // namespace cfwarden
