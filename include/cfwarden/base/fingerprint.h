// The public name of a secret: lets the same secret be recognised in another file, form or host.
//
// Promises  "sha256:" and the first 16 hex digits of the SHA-256 of the decoded secret; with a
//           non-empty key "hmac:" and the first 16 of HMAC-SHA-256; "" for an empty secret.
//           OpenSSL's library initialisation (2 ms) is never paid.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

std::string fingerprint(std::string_view secret, std::string_view hmac_key);

// The first `digits` (<= 64) hex digits of the SHA-256 of text that is not secret; for stable ids.
std::string hash_hex(std::string_view text, unsigned digits);

}  // namespace cfwarden
