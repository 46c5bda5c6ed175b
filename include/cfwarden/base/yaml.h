// Reads YAML that somebody else wrote as a stream of nodes, within limits of our own.
//
// Supplies  scan_yaml(): calls `visit` for every value with the keys that lead to it.
// Promises  time linear in the text; over a limit or at a syntax error it stops and says so in our
//           own words (the parser's text, which could quote the file, is never repeated). What was
//           visited before stands. Aliases and merges are shown, never followed.
//           Text is UTF-8; anything else is a problem.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

inline constexpr std::size_t max_yaml_bytes = 1024 * 1024;
inline constexpr std::size_t max_yaml_depth = 64;
inline constexpr std::size_t max_yaml_events = 20'000;
inline constexpr std::size_t max_yaml_scalar_bytes = 64 * 1024;
inline constexpr std::size_t max_yaml_directives = 16;

enum class YamlNode { scalar, mapping, sequence, alias };

// One step from a node to the value below it.
struct YamlStep {
  enum class Type {
    key,         // The value of a mapping's key `key`.
    item,        // An item of a sequence, at `index`.
    opaque_key,  // A value whose key is an alias, a mapping or a sequence.
  };
  Type type = Type::key;
  std::string key;
  std::size_t index = 0;
};

// Borrowed for the call.
struct YamlValue {
  YamlNode node = YamlNode::scalar;
  std::span<const YamlStep> path;  // Empty for the root of a document.
  std::string_view text;           // Of a scalar; may hold any character, NUL too.
  bool plain = false;              // Neither quoted nor a block: null, ~ and nothing mean null.
  std::size_t line = 0;            // 1-based, where the value starts.
  std::size_t document = 0;        // 0-based.
};

struct YamlScan {
  std::string problem;  // "" when it was read to its end, else "line 3: not valid YAML".
};

YamlScan scan_yaml(std::string_view text, const std::function<void(const YamlValue&)>& visit);

}  // namespace cfwarden
