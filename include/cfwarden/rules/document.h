// A small JSON document of our own or an administrator's, with the line of every key and value.
//
// Promises  refused before it is read: more than max_document_bytes, more than max_document_depth
//           levels, a key twice in an object, bytes that are not UTF-8, trailing text. An error
//           names the line and never repeats the parser's words or the file's.
#pragma once

#include "cfwarden/base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_document_bytes = 64 * 1024;
inline constexpr std::size_t max_document_depth = 8;

enum class NodeType { null, boolean, number, text, list, object };

struct Node {
  NodeType type = NodeType::null;
  std::size_t line = 1;
  bool boolean = false;
  double number = 0;
  std::string text;
  std::vector<Node> items;        // Of a list, or the values of an object.
  std::vector<std::string> keys;  // Of an object: keys[i] names items[i].

  const Node* find(std::string_view key) const;
};

std::string_view name_of(NodeType type);  // "a list", "text" ...

// An error reads "FILE:LINE: what". Nothing is read from the outermost object's key `stop_at` on.
Result<Node> parse_document(std::string_view file, std::string_view bytes,
                            std::string_view stop_at = {});

// A text, or the texts of a list as lines; nullopt for anything else.
std::optional<std::string> lines_of(const Node& node);

Error document_error(std::string_view file, std::size_t line, const std::string& what);

}  // namespace cfwarden
