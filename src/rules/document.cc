#include "cfwarden/rules/document.h"

#include "cfwarden/base/printable.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cfwarden {
namespace {

constexpr std::size_t longest_quoted_key = 40;

// Walks the bytes for the parser and counts lines as it goes. The parser reads a text or a key
// without looking beyond its closing quote, and anything else at most one byte too far.
class LineCounter {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LineCounter(const char* position, std::size_t* line) : position_{position}, line_{line} {}

  reference operator*() const { return *position_; }
  LineCounter& operator++() {
    if (*position_ == '\n') ++*line_;
    ++position_;
    return *this;
  }
  LineCounter operator++(int) {
    LineCounter before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const LineCounter& a, const LineCounter& b) {
    return a.position_ == b.position_;
  }
  friend bool operator!=(const LineCounter& a, const LineCounter& b) { return !(a == b); }

 private:
  const char* position_;
  std::size_t* line_;
};

// nlohmann's parser calls these; a false answer ends the parse. The nodes on the way from the root
// to where the parser stands are kept as a stack of values and moved into their parents when they
// are complete, so that nothing points into a vector that grows.
class Builder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  Builder(const std::size_t* line, std::string_view stop_at) : line_{line}, stop_at_{stop_at} {}

  bool null() { return add(node(NodeType::null)); }
  bool boolean(bool value) {
    Node added = node(NodeType::boolean);
    added.boolean = value;
    return add(std::move(added));
  }
  bool number_integer(number_integer_t value) { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) { return number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) { return number(value); }
  bool string(string_t& value) {
    Node added = node(NodeType::text);
    added.text = std::move(value);
    return add(std::move(added));
  }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return open(NodeType::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(NodeType::list); }
  bool end_array() { return close(); }

  bool key(string_t& name) {
    if (open_.size() == 1 && !stop_at_.empty() && name == stop_at_) {
      root = std::move(open_.back());
      stopped = true;
      return false;
    }
    auto& keys = open_.back().keys;
    if (std::ranges::find(keys, name) != keys.end()) {
      return fail("key '" + printable(name.substr(0, longest_quoted_key)) + "': given twice");
    }
    keys.push_back(std::move(name));
    key_line_ = *line_;
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t, const std::string&, const Exception&) {
    return fail("not valid JSON");
  }

  Node root;
  bool stopped = false;
  std::string problem;
  std::size_t problem_line = 1;

 private:
  // A member stands where its key does.
  Node node(NodeType type) const {
    const bool is_member = !open_.empty() && open_.back().type == NodeType::object;
    Node added;
    added.type = type;
    added.line = is_member ? key_line_ : *line_;
    return added;
  }

  bool number(double value) {
    Node added = node(NodeType::number);
    added.number = value;
    return add(std::move(added));
  }

  bool open(NodeType type) {
    if (open_.size() >= max_document_depth) {
      return fail("nested more than " + std::to_string(max_document_depth) + " levels deep");
    }
    open_.push_back(node(type));
    return true;
  }

  bool close() {
    Node complete = std::move(open_.back());
    open_.pop_back();
    return add(std::move(complete));
  }

  bool add(Node node) {
    if (open_.empty()) {
      root = std::move(node);
    } else {
      open_.back().items.push_back(std::move(node));
    }
    return true;
  }

  bool fail(std::string what) {
    problem = std::move(what);
    problem_line = *line_;
    return false;
  }

  const std::size_t* line_;
  std::string_view stop_at_;
  std::size_t key_line_ = 1;
  std::vector<Node> open_;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

std::string_view name_of(NodeType type) {
  switch (type) {
    case NodeType::null:
      return "null";
    case NodeType::boolean:
      return "true or false";
    case NodeType::number:
      return "a number";
    case NodeType::text:
      return "text";
    case NodeType::list:
      return "a list";
    case NodeType::object:
      return "an object";
  }
  return "unknown";
}

std::optional<std::string> lines_of(const Node& node) {
  if (node.type == NodeType::text) return node.text;
  if (node.type != NodeType::list || node.items.empty()) return std::nullopt;
  std::string lines;
  for (const Node& item : node.items) {
    if (item.type != NodeType::text) return std::nullopt;
    if (!lines.empty()) lines += '\n';
    lines += item.text;
  }
  return lines;
}

Error document_error(std::string_view file, std::size_t line, const std::string& what) {
  return {.what = std::string{file} + ":" + std::to_string(line) + ": " + what};
}

Result<Node> parse_document(std::string_view file, std::string_view bytes,
                            std::string_view stop_at) {
  if (bytes.size() > max_document_bytes) {
    return document_error(file, 1,
                          "larger than " + std::to_string(max_document_bytes / 1024) + " KiB");
  }
  // The parser would skip a byte order mark, which no other reader of the file has to.
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    return document_error(file, 1, "begins with a byte order mark");
  }
  // The parser takes a NUL for the end.
  if (const std::size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    const auto lines =
        std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
    return document_error(file, static_cast<std::size_t>(lines) + 1, "not valid JSON");
  }
  std::size_t line = 1;
  Builder builder{&line, stop_at};
  const char* begin = bytes.data();
  const bool complete = nlohmann::json::sax_parse(
      LineCounter{begin, &line}, LineCounter{begin + bytes.size(), &line}, &builder);
  if (!complete && !builder.stopped)
    return document_error(file, builder.problem_line, builder.problem);
  return std::move(builder.root);
}

}  // namespace cfwarden
