#include "cfwarden/base/yaml.h"
#include "cfwarden/needs/tree.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

BranchType type_of(const YamlValue& value) {
  constexpr std::array<std::string_view, 5> nulls{"", "~", "null", "Null", "NULL"};
  switch (value.node) {
    case YamlNode::mapping:
      return BranchType::mapping;
    case YamlNode::sequence:
      return BranchType::sequence;
    case YamlNode::alias:
      return BranchType::alias;
    case YamlNode::scalar:
      break;
  }
  const bool is_null = value.plain && std::ranges::find(nulls, value.text) != nulls.end();
  return is_null ? BranchType::null : BranchType::text;
}

// The path of a value has as many steps as there are collections open around it.
class YamlTreeReader {
 public:
  explicit YamlTreeReader(Tree& tree) : tree_{tree} {}

  void take(const YamlValue& value) {
    const std::size_t depth = value.path.size();
    open_.resize(std::min(depth, open_.size()), Tree::no_parent);
    const bool is_document = depth == 0;
    // What stands below an unreadable key, or beyond a full tree, has no place.
    if (!is_document && (open_.size() < depth || open_[depth - 1] == Tree::no_parent)) return;
    const bool is_unreadable = !is_document && value.path.back().type == YamlStep::Type::opaque_key;
    const BranchType type = type_of(value);
    const std::uint32_t index = is_unreadable
                                    ? Tree::no_parent
                                    : tree_.append(is_document ? Tree::no_parent : open_[depth - 1],
                                                   {.type = type,
                                                    .key = is_document ? "" : value.path.back().key,
                                                    .text = std::string{value.text},
                                                    .line = value.line});
    if (type == BranchType::mapping || type == BranchType::sequence) open_.push_back(index);
  }

 private:
  Tree& tree_;
  std::vector<std::uint32_t> open_;
};

}  // namespace

Tree tree_of_yaml(std::string_view text) {
  Tree tree;
  YamlTreeReader reader{tree};
  tree.problem = scan_yaml(text, [&](const YamlValue& value) { reader.take(value); }).problem;
  return tree;
}

}  // namespace cfwarden
