// What stands at an anchor, or what a whole document says in separate keys: a credential, or
// nothing.
//
// Expects   plain text: what is wrapped around it has been taken off (wrapping.h, base64_run.h).
// Promises  kinds decide what is a credential. Beyond what they ask, an account's id must be 32 hex
//           digits and a tunnel's a UUID, neither nil, which leaves no placeholder. No call looks
//           at more than max_object_bytes, nor at a byte that many calls looked at before.
#pragma once

#include "cfwarden/model/credential.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cfwarden {

struct Sighting {
  std::size_t begin = 0;  // In the text: the first letter, the BEGIN line, the brace; of split
  std::size_t end = 0;    // credentials the secret. And behind it.
  Credential credential;
  bool is_broken = false;  // Over several lines, where it should stand on one.
};

// `at`: the first letter of a token.
std::optional<Sighting> token_at(std::string_view text, std::size_t at, std::string_view hmac_key);

// `at`: the label in a BEGIN line.
std::optional<Sighting> certificate_at(std::string_view text, std::size_t at,
                                       std::string_view hmac_key);

// `at`: the first letter of the body of a block.
std::optional<Sighting> certificate_body_at(std::string_view text, std::size_t at,
                                            std::string_view hmac_key);

// `at`: a key TunnelSecret, or the bracket of the decimal list that cloudflared 2020.6.4 made of
// the object. `least`: the object of the key begins there or later.
std::optional<Sighting> credentials_at(std::string_view text, std::size_t at, std::size_t least,
                                       std::string_view hmac_key);

struct SplitCredentials {
  std::vector<Sighting> found;
  bool is_complete = true;  // Not when there were more keys than are followed.
};

// In the order of the text, linear in it.
SplitCredentials split_credentials(std::string_view text, std::string_view hmac_key);

// 32 hex digits, and not nil.
bool is_account_id(std::string_view text);

}  // namespace cfwarden
