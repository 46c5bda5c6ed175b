// Moves a token out of a unit into /etc/cloudflared/token. The way back: token_return.h.
//
// Expects   a site just looked at in the same root, the state directory's lock, a journal to record
//           in.
// Promises  in this order: intent on disk; the token under a temporary name, 0600 from its first
//           moment, then under its own, replacing nothing; the unit under a temporary name, 0600
//           until it is whole, then with its own mode, owner and label in place of the old one;
//           `moved` on disk. Each is on disk before the next begins, so that a crash leaves the
//           unit with its token, or without it and the token in its file. A step that fails is
//           taken back. The token is at no moment open to anybody who could not read the unit;
//           while it moves it is root's alone.
#pragma once

#include "cfwarden/mend/after_step.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/token_move_site.h"
#include "cfwarden/model/plan.h"

#include <cstddef>
#include <string>

namespace cfwarden {

struct TokenMoveOrder {
  std::string root;  // As of Opener::at().
  const TokenMoveSite& site;
  Journal& journal;
  std::size_t number = 1;  // Of the record.
  AfterStep after_step = {};
};
// Refused: nothing is changed, or all of it was taken back. Failed: `why` says what is left.
Applied move_token_out(const TokenMoveOrder& order);

}  // namespace cfwarden
