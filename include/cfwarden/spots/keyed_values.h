// The keys of a document that name an account, a tunnel or a tunnel's secret, with what stands
// under them, and which of them belong together.
//
// Supplies  keyed_values(), for whatever syntax: JSON, HCL, Nix, YAML, TOML, environment files,
// UCI,
//           property lists, flags.
// Promises  linear in the text; most_keyed_values at most.
//
// To add a key, add its row in src/spots/keyed_values.cc.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t most_keyed_values = 16 * 1024;

enum class KeyRole { account, tunnel, secret };

// Of a weak key only what stands right beside it says whether it means a tunnel's: `id`, `secret`.
enum class KeyStrength { strong, weak };

struct KeyedValue {
  KeyRole role = KeyRole::secret;
  KeyStrength strength = KeyStrength::strong;
  std::size_t begin = 0;  // Of the value, in the text.
  std::size_t end = 0;
  std::size_t scope = 0;        // Index in KeyedValues::scopes.
  bool is_placeholder = false;  // What stands there is no id: "<your account>".
  bool is_encoded = false;      // The id is in base64, as are the values beside it.
};

// What a pair of braces, or the indentation of its lines, holds together. The first is the whole
// document.
struct KeyScope {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t outer = 0;   // Of the whole document: itself.
  bool is_tunnel = false;  // A resource of a type that is a tunnel of Cloudflare's.
};

struct KeyedValues {
  std::vector<KeyScope> scopes;
  std::vector<KeyedValue> values;  // In the order of the text.
  bool is_complete = true;
};

KeyedValues keyed_values(std::string_view text);

}  // namespace cfwarden
