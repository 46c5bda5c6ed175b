// A unit as `cloudflared service install` wrote it before 2026.7.2, and the same with --token-file.
// Pure.
//
// Promises  only what one of cloudflared's own templates made is taken: every line must be the
//           template's, in its order; the values of Description, After, Wants and TimeoutStartSec
//           may vary, and Wants may be absent (2022.3.0 had none). Anything else, a User=, a second
//           ExecStart=, a comment, a continued line, a blank one, is refused. All bytes but
//           `--token T` stay as they are.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

struct UnitWithToken {
  std::size_t line = 0;   // 1-based, of ExecStart=.
  std::size_t begin = 0;  // Of `--token T` in the bytes.
  std::size_t end = 0;
  std::string_view token;    // Borrowed from the bytes, like the next one.
  std::string_view program;  // "/usr/bin/cloudflared".
};

// An Error says which line is not the template's, never what stands there. Code EALREADY: it is the
// template, and uses --token-file already.
Result<UnitWithToken> unit_with_token(std::string_view bytes);

// The file that the template with --token-file names. An Error as of unit_with_token().
Result<std::string> token_file_of_unit(std::string_view bytes);

// `token_path`: absolute, of letters, digits and `/._+-`.
Secret with_token_file(std::string_view bytes, const UnitWithToken& unit,
                       std::string_view token_path);

// Takes it back: `bytes` are the template with `--token-file <token_path>`, and `token` is one
// word of base64.
Result<Secret> with_token(std::string_view bytes, std::string_view token_path,
                          std::string_view token);

}  // namespace cfwarden
