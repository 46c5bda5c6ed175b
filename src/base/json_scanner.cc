#include "cfwarden/base/json_scanner.h"

#include "cfwarden/base/ascii.h"

namespace cfwarden {
namespace {

JsonType type_at(char byte) {
  switch (byte) {
    case '{':
      return JsonType::object;
    case '[':
      return JsonType::array;
    case '"':
      return JsonType::string;
    case 'n':
      return JsonType::null;
    case 't':
    case 'f':
      return JsonType::boolean;
    default:
      return JsonType::number;
  }
}

}  // namespace

void JsonScanner::skip_space() {
  while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n')) {
    ++next_;
  }
}

bool JsonScanner::take(char byte) {
  skip_space();
  if (!peeks(byte)) return fail();
  ++next_;
  return true;
}

bool JsonScanner::take_comma(char closing) {
  skip_space();
  if (peeks(',')) {
    ++next_;
    return true;
  }
  if (!peeks(closing)) return fail();
  ++next_;
  return false;
}

bool JsonScanner::scan_value(std::size_t depth, JsonValue& value) {
  skip_space();
  if (at_end()) return fail();
  value = {};
  value.offset = next_;
  value.type = type_at(peek());
  if (!scan(depth, value)) return false;
  value.literal = text_.substr(value.offset, next_ - value.offset);
  return true;
}

bool JsonScanner::scan_string(std::string_view& raw) {
  if (!take('"')) return false;
  const std::size_t start = next_;
  while (!at_end() && peek() != '"') {
    if (static_cast<unsigned char>(peek()) < 0x20) return fail();
    if (peek() == '\\') {
      if (!skip_escape()) return false;
    } else {
      ++next_;
    }
  }
  if (at_end()) return fail();
  raw = text_.substr(start, next_ - start);
  ++next_;
  return true;
}

bool JsonScanner::fail() {
  error_ = JsonError{.flaw = at_end() ? JsonFlaw::ends_early : JsonFlaw::syntax, .offset = next_};
  return false;
}

bool JsonScanner::scan(std::size_t depth, JsonValue& value) {
  switch (value.type) {
    case JsonType::object:
    case JsonType::array:
      return skip_container(depth);
    case JsonType::string:
      return scan_string(value.raw);
    case JsonType::null:
      return skip_word("null");
    case JsonType::boolean:
      return skip_word(peek() == 't' ? "true" : "false");
    default:
      return skip_number();
  }
}

bool JsonScanner::skip_container(std::size_t depth) {
  const std::size_t outside = depth;
  do {
    bool complete = false;
    if (!begin_element(depth, complete)) return false;
    if (complete && !leave_element(depth, outside)) return false;
  } while (depth > outside);
  return true;
}

// Takes a whole element, or the opening of a container that is not empty.
bool JsonScanner::begin_element(std::size_t& depth, bool& complete) {
  skip_space();
  if (at_end()) return fail();
  const bool object = peek() == '{';
  if (!object && peek() != '[') {
    complete = true;
    JsonValue leaf{.type = type_at(peek()), .offset = next_, .literal = {}, .raw = {}};
    return scan(depth, leaf);
  }
  if (depth == max_json_depth) return fail_depth();
  ++next_;
  skip_space();
  complete = peeks(object ? '}' : ']');
  if (complete) {
    ++next_;
    return true;
  }
  is_object_.set(depth++, object);
  return !object || skip_key();
}

// Behind an element: closes every container that ends here, and stands before the next element.
bool JsonScanner::leave_element(std::size_t& depth, std::size_t outside) {
  while (depth > outside) {
    const bool object = is_object_[depth - 1];
    if (take_comma(object ? '}' : ']')) return !object || skip_key();
    if (error_) return false;
    --depth;
  }
  return true;
}

bool JsonScanner::skip_key() {
  std::string_view raw;
  return scan_string(raw) && take(':');
}

bool JsonScanner::skip_escape() {
  ++next_;
  if (!peeks('u')) return skip_one_of("bfnrt\\/\"");
  ++next_;
  for (int i = 0; i < 4; ++i) {
    if (!skip_one_of("0123456789abcdefABCDEF")) return false;
  }
  return true;
}

bool JsonScanner::skip_one_of(std::string_view bytes) {
  if (at_end() || bytes.find(peek()) == std::string_view::npos) return fail();
  ++next_;
  return true;
}

bool JsonScanner::skip_word(std::string_view word) {
  for (const char letter : word) {
    if (!peeks(letter)) return fail();
    ++next_;
  }
  return true;
}

bool JsonScanner::skip_digits() {
  if (at_end() || !is_digit(peek())) return fail();
  while (!at_end() && is_digit(peek())) ++next_;
  return true;
}

bool JsonScanner::skip_number() {
  if (peeks('-')) ++next_;
  if (peeks('0')) {
    ++next_;
  } else if (!skip_digits()) {
    return false;
  }
  if (peeks('.')) {
    ++next_;
    if (!skip_digits()) return false;
  }
  if (peeks('e') || peeks('E')) {
    ++next_;
    if (peeks('+') || peeks('-')) ++next_;
    return skip_digits();
  }
  return true;
}

bool JsonScanner::fail_depth() {
  error_ = JsonError{.flaw = JsonFlaw::too_deep, .offset = next_};
  return false;
}

}  // namespace cfwarden
