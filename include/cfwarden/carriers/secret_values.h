// The values in a text that stand under a name that is there for a secret: of flags, variables and
// keys, in the syntax of units, shells, crontabs, YAML, JSON, TOML and plists, and in the
// NUL-separated texts of /proc. Which syntax it is needs not be known.
//
// Promises  sorted by begin, linear in the text. A value of several lines may overlap those that
//           stand on them. A value that only names a secret which lies elsewhere ($TOKEN,
//           %d/token) and an empty one are left out; of one that commands' output or paths of this
//           host divide, "$(cat /etc/x)", the parts around them and what the commands spell out.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class Bearer {
  flag,      // --token X, --token=X.
  position,  // service install X.
  variable,  // NAME=X, and NAME: X of an environment.
  key,       // token: X.
};

// Offsets in the text: [begin, end).
struct SecretValue {
  std::size_t begin = 0;
  std::size_t end = 0;
  Bearer bearer = Bearer::key;
  std::size_t name_begin = 0;
  std::size_t name_end = 0;
  bool needs_quotes = false;  // A bare number of JSON: what replaces it has to be quoted.
};

std::vector<SecretValue> secret_values(std::string_view text);

}  // namespace cfwarden
