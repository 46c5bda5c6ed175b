// The stretches of a text that look like a secret whatever stands around them: tokens and other
// long base64, however they are broken over lines, and the bodies of PEM blocks.
//
// Promises  sorted, without overlap, linear in the text. Paths, UUIDs, hex ids and words are none.
#pragma once

#include "cfwarden/base/secret.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace cfwarden {

// Offsets in the text: [begin, end).
struct SecretRun {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_token_like = false;  // Begins as base64 of a JSON object or PEM does, or as base64 of it.
};

std::vector<SecretRun> secret_runs(std::string_view text);

// Both cases and digits are in it, and change as often as in random base64, and not as in words.
bool is_mixed(std::string_view letters);

// What stands between the BEGIN and the END line of each PEM block, white space around it left out.
std::vector<SecretRun> pem_bodies(std::string_view text);

// The base64 of a run, without what broke it over lines. Escapes of single letters stay.
Secret joined_run(std::string_view run);

}  // namespace cfwarden
