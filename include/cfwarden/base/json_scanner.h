// A JSON document, checked and taken apart a value at a time.
//
// Supplies  JsonScanner: a cursor that takes punctuation, strings and whole values.
// Promises  Go's verdict on syntax: depth 10,000, no byte order mark, no control character in a
//           string. The first mistake is remembered: every member that returns false has set
//           error(). No recursion, and nothing is copied: values are views of the document.
#pragma once

#include "cfwarden/base/json_error.h"

#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>

namespace cfwarden {

inline constexpr std::size_t max_json_depth = 10'000;

enum class JsonType { absent, null, boolean, number, string, array, object };

struct JsonValue {
  JsonType type = JsonType::absent;
  std::size_t offset = 0;    // In the document.
  std::string_view literal;  // All its bytes.
  std::string_view raw;      // Of a string: what stands between the quotes (json_text.h).
};

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_{text} {}

  const std::optional<JsonError>& error() const { return error_; }
  bool at_end() const { return next_ == text_.size(); }
  bool peeks(char byte) const { return !at_end() && peek() == byte; }

  void skip_space();
  bool take(char byte);  // Behind white space.

  // Behind an element: true when another one follows; false at the end of its container, which is
  // taken, and at an error.
  bool take_comma(char closing);

  // `depth` containers are open around the value.
  bool scan_value(std::size_t depth, JsonValue& value);
  bool scan_string(std::string_view& raw);

  // Here stands what is not JSON. Returns false.
  bool fail();

 private:
  char peek() const { return text_[next_]; }
  bool scan(std::size_t depth, JsonValue& value);
  bool skip_container(std::size_t depth);
  bool begin_element(std::size_t& depth, bool& complete);
  bool leave_element(std::size_t& depth, std::size_t outside);
  bool skip_key();
  bool skip_escape();
  bool skip_one_of(std::string_view bytes);
  bool skip_word(std::string_view word);
  bool skip_digits();
  bool skip_number();
  bool fail_depth();

  std::string_view text_;
  std::size_t next_ = 0;
  // The open containers are a stack of bits: depth costs no stack of ours.
  std::bitset<max_json_depth> is_object_;
  std::optional<JsonError> error_;
};

}  // namespace cfwarden
