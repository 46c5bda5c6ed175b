// Moves a token out of a unit into /etc/cloudflared/token. The way back: token_return.h.
//
// Expects   a site just looked at in the same root, the lock of the state directory, a journal.
// Promises  on disk, each before the next begins: the intent; the token in a new file, root's alone
//           (new_file.h); the unit without it (replaced_unit.h); `moved`. So a crash leaves the
//           unit with its token, or without it and the token in its file. A step that fails is
//           taken back. At no moment is the token open to anybody who could not read the unit.
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
