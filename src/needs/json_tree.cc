#include "cfwarden/base/json_scanner.h"
#include "cfwarden/base/json_text.h"
#include "cfwarden/needs/tree.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace cfwarden {
namespace {

BranchType type_of(const JsonValue& value) {
  switch (value.type) {
    case JsonType::null:
      return BranchType::null;
    case JsonType::object:
    case JsonType::array:
      return BranchType::too_deep;
    default:
      return BranchType::text;
  }
}

class JsonTreeReader {
 public:
  JsonTreeReader(std::string_view text, Tree& tree)
      : text_{text}, tree_{tree}, json_{text}, is_one_line_{text.find('\n') == text.npos} {}

  // False at a mistake or a full tree.
  bool read() {
    do {
      bool is_open = false;
      if (!read_value(is_open)) return false;
      if (!is_open && !close_ended()) return false;
    } while (!open_.empty());
    json_.skip_space();
    return json_.at_end();
  }

 private:
  std::uint32_t parent() const { return open_.empty() ? Tree::no_parent : open_.back(); }
  char closing() { return is(BranchType::mapping) ? '}' : ']'; }
  bool is(BranchType type) { return tree_.node(open_.back()).type == type; }

  bool read_value(bool& is_open) {
    json_.skip_space();
    const bool is_mapping = json_.peeks('{');
    const bool fits = open_.size() < max_tree_depth;
    if (!fits || (!is_mapping && !json_.peeks('['))) return read_leaf();
    if (!json_.take(is_mapping ? '{' : '[')) return false;
    const auto type = is_mapping ? BranchType::mapping : BranchType::sequence;
    if (!append({.type = type, .key = std::exchange(key_, {}), .text = {}})) return false;
    open_.push_back(last_);
    json_.skip_space();
    if (json_.peeks(closing())) {
      is_open = false;
      open_.pop_back();
      return json_.take(is_mapping ? '}' : ']');
    }
    is_open = true;
    return read_key();
  }

  bool read_leaf() {
    JsonValue value;
    if (!json_.scan_value(open_.size(), value)) return false;
    const BranchType type = type_of(value);
    std::string text;
    if (type == BranchType::text) {
      text = value.type == JsonType::string ? unquoted_text(value.raw) : std::string{value.literal};
    }
    return append({.type = type,
                   .key = std::exchange(key_, {}),
                   .text = std::move(text),
                   .line = line_at(value.offset)});
  }

  // Behind a value: leaves what ends here, and stands before the next value.
  bool close_ended() {
    while (!open_.empty()) {
      if (json_.take_comma(closing())) return read_key();
      if (json_.error()) return false;
      open_.pop_back();
    }
    return true;
  }

  bool read_key() {
    if (!is(BranchType::mapping)) return true;
    std::string_view raw;
    if (!json_.scan_string(raw) || !json_.take(':')) return false;
    key_ = unquoted_text(raw);
    return true;
  }

  bool append(TreeNode&& node) {
    last_ = tree_.append(parent(), std::move(node));
    return last_ != Tree::no_parent;
  }

  // Offsets only grow. A document on one line has no lines worth naming.
  std::size_t line_at(std::size_t offset) {
    if (is_one_line_) return 0;
    const auto from = text_.begin() + static_cast<std::ptrdiff_t>(counted_);
    const auto to = text_.begin() + static_cast<std::ptrdiff_t>(offset);
    line_ += static_cast<std::size_t>(std::count(from, to, '\n'));
    counted_ = offset;
    return line_;
  }

  std::string_view text_;
  Tree& tree_;
  JsonScanner json_;
  bool is_one_line_;
  std::vector<std::uint32_t> open_;
  std::string key_;
  std::uint32_t last_ = 0;
  std::size_t line_ = 1;
  std::size_t counted_ = 0;
};

}  // namespace

Tree tree_of_json(std::string_view text) {
  Tree tree;
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() > max_tree_bytes) {
    tree.problem = "larger than 1 MiB";
  } else if (JsonTreeReader reader{text, tree}; !reader.read()) {
    tree.problem = tree.full() ? "more than 50000 values" : "not valid JSON";
  }
  return tree;
}

}  // namespace cfwarden
