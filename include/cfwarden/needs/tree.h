// A JSON or YAML document as a tree to look things up in, whoever wrote it.
//
// Supplies  tree_of_json(), tree_of_yaml(); Branch, a place in the tree that may be absent.
// Promises  linear in the text, no recursion, within the limits below; what was read before a
//           problem stands. Of several equal keys the last counts. Aliases are not followed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_tree_bytes = 1024 * 1024;
inline constexpr std::size_t max_tree_depth = 64;  // JSON below it is passed over.
inline constexpr std::size_t max_tree_nodes = 50'000;

enum class BranchType { absent, null, text, mapping, sequence, alias, too_deep };

struct TreeNode {
  BranchType type = BranchType::null;
  std::string key;   // "" for items and roots.
  std::string text;  // Of a text; numbers and truth values as they are written.
  std::size_t line = 0;
  std::uint32_t next = 0;  // The next sibling; 0 for none.
  std::uint32_t first_child = 0;
  std::uint32_t last_child = 0;
};

// Borrowed from its tree.
class Branch {
 public:
  Branch() = default;
  Branch(const std::vector<TreeNode>& nodes, std::uint32_t index) : nodes_{&nodes}, index_{index} {}

  BranchType type() const { return nodes_ == nullptr ? BranchType::absent : node().type; }
  bool is(BranchType type_wanted) const { return type() == type_wanted; }
  bool is_set() const { return !is(BranchType::absent) && !is(BranchType::null); }
  std::string_view key() const { return nodes_ == nullptr ? "" : std::string_view{node().key}; }
  std::string_view text() const { return nodes_ == nullptr ? "" : std::string_view{node().text}; }
  std::size_t line() const { return nodes_ == nullptr ? 0 : node().line; }  // 1-based; 0: unknown.

  Branch operator[](std::string_view key) const;  // Of a mapping.
  Branch at(std::initializer_list<std::string_view> keys) const;
  std::vector<Branch> children() const;    // Of a mapping or a sequence.
  std::vector<std::string> texts() const;  // Of a sequence; what is no text is left out.

 private:
  const TreeNode& node() const { return (*nodes_)[index_]; }

  const std::vector<TreeNode>* nodes_ = nullptr;
  std::uint32_t index_ = 0;
};

class Tree {
 public:
  Tree();

  // Appends to the node `parent`, or a document for `no_parent`; full() when it could not.
  static constexpr std::uint32_t no_parent = 0;
  std::uint32_t append(std::uint32_t parent, TreeNode&& node);
  bool full() const { return nodes_.size() > max_tree_nodes; }

  std::vector<Branch> documents() const;
  Branch root() const;  // Of the first document.
  TreeNode& node(std::uint32_t index) { return nodes_[index]; }

  std::string problem;  // "" when it was read whole; our own words.

 private:
  std::vector<TreeNode> nodes_;  // [0] holds the documents.
};

Tree tree_of_json(std::string_view text);
Tree tree_of_yaml(std::string_view text);

// JSON where it starts as an object, else YAML.
Tree tree_of(std::string_view text);

}  // namespace cfwarden
