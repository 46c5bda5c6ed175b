#include "cfwarden/needs/tree.h"

#include <utility>

namespace cfwarden {

Branch Branch::operator[](std::string_view key) const {
  Branch found;
  if (!is(BranchType::mapping)) return found;
  for (std::uint32_t at = node().first_child; at != 0; at = (*nodes_)[at].next) {
    if ((*nodes_)[at].key == key) found = Branch{*nodes_, at};
  }
  return found;
}

Branch Branch::at(std::initializer_list<std::string_view> keys) const {
  Branch found = *this;
  for (const std::string_view key : keys) found = found[key];
  return found;
}

std::vector<Branch> Branch::children() const {
  std::vector<Branch> all;
  if (nodes_ == nullptr) return all;
  for (std::uint32_t at = node().first_child; at != 0; at = (*nodes_)[at].next) {
    all.push_back(Branch{*nodes_, at});
  }
  return all;
}

std::vector<std::string> Branch::texts() const {
  std::vector<std::string> all;
  if (!is(BranchType::sequence)) return all;
  for (const Branch& item : children()) {
    if (item.is(BranchType::text)) all.emplace_back(item.text());
  }
  return all;
}

Tree::Tree() {
  nodes_.push_back({.type = BranchType::sequence});
}

std::uint32_t Tree::append(std::uint32_t parent, TreeNode&& node) {
  if (full()) return no_parent;
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(std::move(node));
  TreeNode& above = nodes_[parent];
  if (above.last_child == 0) {
    above.first_child = index;
  } else {
    nodes_[above.last_child].next = index;
  }
  above.last_child = index;
  return index;
}

std::vector<Branch> Tree::documents() const {
  return Branch{nodes_, no_parent}.children();
}

Branch Tree::root() const {
  const std::uint32_t first = nodes_[no_parent].first_child;
  return first == 0 ? Branch{} : Branch{nodes_, first};
}

Tree tree_of(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != text.npos && text[start] == '{' ? tree_of_json(text) : tree_of_yaml(text);
}

}  // namespace cfwarden
