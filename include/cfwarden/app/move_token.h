// Moves the token of one systemd unit that cloudflared installed into /etc/cloudflared/token:
// find the unit -> audit it -> look at all that it meets -> record, move, record -> audit it again.
//
// Promises  without `apply` nothing is changed, nor the state directory made. With it the lock is
//           taken and every journal verified before anything is read. The token is moved only where
//           cloudflared can use it and the service reads the file as root; what an interrupted move
//           left is removed, and the move completed. Under --root all of it lies in that root, and
//           the journal on this host.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/base/result.h"
#include "cfwarden/mend/token_move.h"
#include "cfwarden/model/token_move.h"

#include <string>

namespace cfwarden {

struct TokenMoveRequest {
  AuditRequest audit;  // Its root, key, rules, progress and confinement; the rest is not asked.
  // A name ("cloudflared", "cloudflared.service") or an absolute path, as the audited root has it.
  std::string unit;
  bool apply = false;
  AfterStep after_step = {};  // For tests.
};

// An Error: nothing was looked at. There is no such unit or root, or it is no name of one (exit 2);
// with code ENOTRECOVERABLE it is one of open_records() (exit 4). Everything else is in the run,
// with its exit code: a caller who is not root, too, is refused.
Result<TokenMoveRun> move_token(const TokenMoveRequest& request);

}  // namespace cfwarden
