// A token's move out of a unit, planned or carried out: the screen of `cfwarden fix --move-token`,
// and one JSON object as packaging/schema/cfwarden.move-token-1.schema.json describes it.
//
// Promises  as of output/format.h: no hostile byte reaches the stream. Every command on the screen
//           can be copied as it stands.
#pragma once

#include "cfwarden/model/token_move.h"
#include "cfwarden/output/format.h"

#include <iosfwd>

namespace cfwarden {

// With -q only what is or would be moved, what is in the way, and the commands.
void write_token_move(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out);

void write_token_move_json(const TokenMoveRun& run, std::ostream& out);

}  // namespace cfwarden
