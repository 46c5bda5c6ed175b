#include "cfwarden/model/token_move.h"

#include "cfwarden/model/words.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace cfwarden;

TEST_CASE("a move that is pending ends with 1, one that left the unit with its token with 4") {
  CHECK(exit_code_of(TokenMoveState::pending) == 1);
  CHECK(exit_code_of(TokenMoveState::moved) == 0);
  CHECK(exit_code_of(TokenMoveState::already_moved) == 0);
  CHECK(exit_code_of(TokenMoveState::refused) == 4);
  CHECK(exit_code_of(TokenMoveState::failed) == 4);
}

TEST_CASE("each state of a move has the word that reports use") {
  for (const std::string_view word : {"pending", "moved", "already-moved", "refused", "failed"}) {
    CAPTURE(word);
    const auto state = from_name<TokenMoveState>(word);
    REQUIRE(state.has_value());
    CHECK(name_of(*state) == word);
  }
}
