// One run of `fix --move-token`: a token goes from a unit into a file of its own. Never the token.
#pragma once

#include "cfwarden/model/report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

enum class TokenMoveState {
  pending,        // This is what would be done.
  moved,          // Done, and checked by another audit.
  already_moved,  // The unit uses --token-file: there was nothing to do.
  refused,        // Nothing was changed.
  failed,         // Something was, and `why` says what is left.
};

// What a person can do where the move is refused.
enum class TokenMoveRemedy {
  none,
  by_hand,             // The steps of the rule.
  compare_token_file,  // A file of root's has its name already.
};

struct TokenMoveRun {
  std::string tool_version;
  std::string hostname;
  std::string root = "/";    // Or the DIR of --root.
  std::int64_t started = 0;  // Seconds since the epoch.
  std::string user;          // "" under --root.
  std::uint32_t euid = 0;

  TokenMoveState state = TokenMoveState::refused;
  std::string why;  // Of refused and failed: one clause that names what is in the way.
  TokenMoveRemedy remedy = TokenMoveRemedy::none;  // Of refused.
  std::string unit;       // "cloudflared.service"; "" while it was not found.
  std::string unit_path;  // "" while it was not found.
  std::string token_path;
  std::string program;                      // What the unit starts: "/usr/bin/cloudflared".
  std::optional<ReportedCredential> token;  // As it stood in the unit, its readers and needs too.
  bool makes_directory = false;             // /etc/cloudflared is not there yet.
  bool continues = false;                   // A move that was interrupted.
  std::vector<std::string> removed;         // What interrupted moves had left over.
  // For the person afterwards, in this order; empty where nothing is or was to be moved.
  std::vector<std::string> commands;
  bool is_applied = false;
  std::string run;  // Of the journal, for undo; "" where nothing was recorded.
  int exit_code = 4;
};

// 1 while it is pending, 0 when the unit holds no token, else 4.
int exit_code_of(TokenMoveState state);

}  // namespace cfwarden
