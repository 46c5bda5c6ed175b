// A unit as `cloudflared service install` wrote it before 2026.7.2, and the same with --token-file.
// Pure.
//
// Promises  only what one of cloudflared's own templates made is taken: every line must be the
//           template's, of which Description, After, Wants and TimeoutStartSec may vary; anything
//           else, a User=, a second ExecStart=, a continued line, an unknown line, is refused. All
//           bytes but `--token T` stay as they are.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"

#include <string>
#include <string_view>

namespace cfwarden {

struct UnitWithToken {
  std::size_t line = 0;   // 1-based, of ExecStart=.
  std::size_t begin = 0;  // Of `--token T` (or `--token=T`) in the bytes.
  std::size_t end = 0;
  std::string_view token;  // Borrowed from the bytes.
};

// An Error says which line is not the template's, never what stands there. Code EALREADY: it uses
// --token-file already.
Result<UnitWithToken> unit_with_token(std::string_view bytes);

// Of an absolute path without blanks, quotes, `%` or `$`.
Secret with_token_file(std::string_view bytes, const UnitWithToken& unit,
                       std::string_view token_path);

// Takes it back: `bytes` hold `--token-file <token_path>` once.
Result<Secret> with_token(std::string_view bytes, std::string_view token_path,
                          std::string_view token);

}  // namespace cfwarden
