#include "cfwarden/model/token_move.h"

namespace cfwarden {

int exit_code_of(TokenMoveState state) {
  switch (state) {
    case TokenMoveState::pending:
      return 1;
    case TokenMoveState::moved:
    case TokenMoveState::already_moved:
      return 0;
    case TokenMoveState::refused:
    case TokenMoveState::failed:
      break;
  }
  return 4;
}

}  // namespace cfwarden
