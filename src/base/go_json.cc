#include "cfwarden/base/go_json.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/go_text.h"

#include <array>
#include <bitset>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t max_depth = 10'000;
constexpr std::size_t longest_name = 32;
// Each character of a name takes at most 6 bytes: \u0041. A longer key is none of ours.
constexpr std::size_t longest_key = 6 * longest_name;
// An invalid byte becomes the three of U+FFFD.
constexpr std::size_t unquoted_growth = 3;

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

std::optional<char32_t> hex_quad(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  char32_t value = 0;
  for (const char digit : text.substr(0, 4)) {
    value <<= 4;
    if (is_digit(digit)) {
      value += static_cast<char32_t>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      value += static_cast<char32_t>(digit - 'a' + 10);
    } else if (digit >= 'A' && digit <= 'F') {
      value += static_cast<char32_t>(digit - 'A' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

// The rune of \uXXXX at the start of `raw`, and how many bytes it takes: a pair of surrogates is
// one rune, a lone one is U+FFFD.
Rune escaped_rune(std::string_view raw) {
  constexpr std::size_t escape_size = 6;
  const char32_t first = *hex_quad(raw.substr(2));
  const bool is_surrogate = first >= 0xd800 && first <= 0xdfff;
  if (!is_surrogate) return {.value = first, .size = escape_size};
  const std::string_view next = raw.substr(escape_size);
  if (first < 0xdc00 && next.substr(0, 2) == "\\u") {
    const auto second = hex_quad(next.substr(2));
    if (second && *second >= 0xdc00 && *second <= 0xdfff) {
      return {.value = 0x10000 + ((first - 0xd800) << 10 | (*second - 0xdc00)),
              .size = 2 * escape_size};
    }
  }
  return {.value = replacement_rune, .size = escape_size};
}

char plain_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;  // The quote, the backslash and the slash stand for themselves.
  }
}

// The text of a string whose syntax has been checked; `out` has unquoted_growth times its size.
std::size_t unquote(std::string_view raw, char* out) {
  char* const start = out;
  while (!raw.empty()) {
    if (raw[0] == '\\' && raw[1] == 'u') {
      const Rune rune = escaped_rune(raw);
      out += write_utf8(rune.value, out);
      raw.remove_prefix(rune.size);
    } else if (raw[0] == '\\') {
      *out++ = plain_escape(raw[1]);
      raw.remove_prefix(2);
    } else {
      const Rune rune = first_rune(raw);
      out += write_utf8(rune.value, out);
      raw.remove_prefix(rune.size);
    }
  }
  return static_cast<std::size_t>(out - start);
}

std::string unquoted_text(std::string_view raw) {
  std::string text(unquoted_growth * raw.size(), '\0');
  text.resize(unquote(raw, text.data()));
  return text;
}

Secret unquoted_secret(std::string_view raw) {
  Secret text{unquoted_growth * raw.size()};
  text.shrink(unquote(raw, text.writable().data()));
  return text;
}

// One value of the document: its type, its bytes, and for a string the raw text between the quotes.
struct Value {
  JsonType type = JsonType::absent;
  std::size_t offset = 0;
  std::string_view literal;
  std::string_view raw;
};

// Reads values one after the other and remembers the first syntax error. Every function that
// returns false has set it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_{text} {}

  const std::optional<JsonError>& error() const { return error_; }
  std::size_t offset() const { return next_; }
  bool at_end() const { return next_ == text_.size(); }
  char peek() const { return text_[next_]; }
  bool peeks(char byte) const { return !at_end() && peek() == byte; }

  void skip_space() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n')) {
      ++next_;
    }
  }

  bool take(char byte) {
    skip_space();
    if (!peeks(byte)) return fail();
    ++next_;
    return true;
  }

  // After an element: true when another one follows, false at the end of the container or at an
  // error.
  bool take_comma(char closing) {
    skip_space();
    if (peeks(',')) {
      ++next_;
      return true;
    }
    if (!peeks(closing)) return fail();
    ++next_;
    return false;
  }

  // `depth` containers are open around the value.
  bool scan_value(std::size_t depth, Value& value) {
    skip_space();
    if (at_end()) return fail();
    value = {};
    value.offset = next_;
    value.type = type_at(peek());
    if (!scan(depth, value)) return false;
    value.literal = text_.substr(value.offset, next_ - value.offset);
    return true;
  }

  bool scan_string(std::string_view& raw) {
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

  bool fail() {
    error_ = JsonError{.flaw = at_end() ? JsonFlaw::ends_early : JsonFlaw::syntax, .offset = next_};
    return false;
  }

 private:
  static JsonType type_at(char byte) {
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

  bool scan(std::size_t depth, Value& value) {
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

  // The open containers are a stack of bits: depth costs no stack of ours.
  bool skip_container(std::size_t depth) {
    const std::size_t outside = depth;
    do {
      bool complete = false;
      if (!begin_element(depth, complete)) return false;
      if (complete && !leave_element(depth, outside)) return false;
    } while (depth > outside);
    return true;
  }

  // Takes a whole element, or the opening of a container that is not empty.
  bool begin_element(std::size_t& depth, bool& complete) {
    skip_space();
    if (at_end()) return fail();
    const bool object = peek() == '{';
    if (!object && peek() != '[') {
      complete = true;
      Value leaf{.type = type_at(peek()), .offset = next_, .literal = {}, .raw = {}};
      return scan(depth, leaf);
    }
    if (depth == max_depth) return fail_depth();
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

  bool skip_key() {
    std::string_view raw;
    return scan_string(raw) && take(':');
  }

  // Behind an element: closes every container that ends here, and stands before the next element.
  bool leave_element(std::size_t& depth, std::size_t outside) {
    while (depth > outside) {
      const bool object = is_object_[depth - 1];
      if (take_comma(object ? '}' : ']')) return !object || skip_key();
      if (error_) return false;
      --depth;
    }
    return true;
  }

  bool skip_escape() {
    ++next_;
    if (!peeks('u')) return skip_one_of("bfnrt\\/\"");
    ++next_;
    for (int i = 0; i < 4; ++i) {
      if (!skip_one_of("0123456789abcdefABCDEF")) return false;
    }
    return true;
  }

  bool skip_one_of(std::string_view bytes) {
    if (at_end() || bytes.find(peek()) == std::string_view::npos) return fail();
    ++next_;
    return true;
  }

  bool skip_word(std::string_view word) {
    for (const char letter : word) {
      if (!peeks(letter)) return fail();
      ++next_;
    }
    return true;
  }

  bool skip_digits() {
    if (at_end() || !is_digit(peek())) return fail();
    while (!at_end() && is_digit(peek())) ++next_;
    return true;
  }

  bool skip_number() {
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

  bool fail_depth() {
    error_ = JsonError{.flaw = JsonFlaw::too_deep, .offset = next_};
    return false;
  }

  std::string_view text_;
  std::size_t next_ = 0;
  std::bitset<max_depth> is_object_;
  std::optional<JsonError> error_;
};

// Decodes one document into fields. Text is unquoted only at the end, when it is known which value
// is the last: many duplicates cost no more than one.
class Decoder {
 public:
  Decoder(std::string_view document, std::span<JsonField> fields)
      : document_{document}, scanner_{document}, fields_{fields}, last_(fields.size()) {}

  std::optional<JsonError> decode() {
    if (read_document()) {
      scanner_.skip_space();
      if (!scanner_.at_end()) scanner_.fail();
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) store_text(i);
    return scanner_.error() ? scanner_.error() : type_error_;
  }

 private:
  bool read_document() {
    scanner_.skip_space();
    if (scanner_.peeks('{')) return read_object();
    Value value;
    if (!scanner_.scan_value(0, value)) return false;
    if (value.type != JsonType::null) refuse(JsonFlaw::wrong_type, value.offset);
    return true;
  }

  bool read_object() {
    scanner_.take('{');
    scanner_.skip_space();
    if (scanner_.peeks('}')) return scanner_.take('}');
    do {
      std::string_view key;
      if (!scanner_.scan_string(key) || !scanner_.take(':')) return false;
      if (!read_member(key)) return false;
    } while (scanner_.take_comma('}'));
    return !scanner_.error();
  }

  bool read_member(std::string_view raw_key) {
    const std::size_t index = field_of(raw_key);
    Value value;
    if (index == fields_.size()) return scanner_.scan_value(1, value);
    JsonField& field = fields_[index];
    field.seen = true;
    scanner_.skip_space();
    GoBytes* const* bytes = std::get_if<GoBytes*>(&field.into);
    if (bytes != nullptr && scanner_.peeks('[')) return read_byte_array(**bytes);
    if (!scanner_.scan_value(1, value)) return false;
    store(index, value);
    return true;
  }

  // fields_.size() for a key that names none.
  std::size_t field_of(std::string_view raw_key) const {
    if (raw_key.size() > longest_key) return fields_.size();
    std::array<char, unquoted_growth * longest_key> room;
    const std::string_view key{room.data(), unquote(raw_key, room.data())};
    std::size_t index = 0;
    while (index < fields_.size() && !folds_to(key, fields_[index].name)) ++index;
    return index;
  }

  void store(std::size_t index, const Value& value) {
    const JsonTarget& into = fields_[index].into;
    if (std::holds_alternative<LooseValue*>(into)) {
      last_[index] = value;
    } else if (GoBytes* const* bytes = std::get_if<GoBytes*>(&into)) {
      store_bytes(**bytes, value);
    } else if (value.type == JsonType::null) {
      return;  // Go leaves text and UUIDs as they were.
    } else if (value.type != JsonType::string) {
      refuse(JsonFlaw::wrong_type, value.offset);
    } else if (Uuid* const* uuid = std::get_if<Uuid*>(&into)) {
      store_uuid(**uuid, value);
    } else {
      last_[index] = value;
    }
  }

  void store_uuid(Uuid& uuid, const Value& value) {
    const auto parsed = parse_uuid(unquoted_text(value.raw));
    if (!parsed) return refuse(JsonFlaw::bad_uuid, value.offset);
    uuid = *parsed;
  }

  void store_bytes(GoBytes& bytes, const Value& value) {
    if (value.type == JsonType::null) return bytes.clear();
    if (value.type != JsonType::string) return refuse(JsonFlaw::wrong_type, value.offset);
    make_room(bytes);
    const std::span<char> room = bytes.room();
    const std::size_t size = unquote(value.raw, room.data());
    const Base64Outcome outcome = decode_base64({room.data(), size}, room);
    bytes.set_size(outcome.bad_byte ? 0 : outcome.size);
    if (outcome.bad_byte) refuse(JsonFlaw::bad_base64, value.offset);
  }

  bool read_byte_array(GoBytes& bytes) {
    make_room(bytes);
    scanner_.take('[');
    scanner_.skip_space();
    if (scanner_.peeks(']')) {
      bytes.clear();
      return scanner_.take(']');
    }
    std::size_t count = 0;
    do {
      Value element;
      if (!scanner_.scan_value(2, element)) return false;
      store_element(bytes, count++, element);
    } while (scanner_.take_comma(']'));
    bytes.end_array(count);
    return !scanner_.error();
  }

  void store_element(GoBytes& bytes, std::size_t index, const Value& element) {
    unsigned value = 0;
    bool fits = element.type == JsonType::number;
    for (const char digit : fits ? element.literal : std::string_view{}) {
      fits = fits && is_digit(digit);
      value = fits ? value * 10 + static_cast<unsigned>(digit - '0') : 0;
      fits = fits && value <= 0xff;
    }
    if (fits) return bytes.set_element(index, static_cast<char>(value));
    if (element.type != JsonType::null) refuse(JsonFlaw::wrong_type, element.offset);
    bytes.keep_element(index);
  }

  // Any text of the document, unquoted, and any array of it fit; so one allocation is enough.
  void make_room(GoBytes& bytes) { bytes.reserve(base64_room(unquoted_growth * document_.size())); }

  void store_text(std::size_t index) {
    const Value& value = last_[index];
    if (value.type == JsonType::absent) return;
    const JsonTarget& into = fields_[index].into;
    if (std::string* const* text = std::get_if<std::string*>(&into)) {
      **text = unquoted_text(value.raw);
    } else if (Secret* const* secret = std::get_if<Secret*>(&into)) {
      **secret = unquoted_secret(value.raw);
    } else if (LooseValue* const* loose = std::get_if<LooseValue*>(&into)) {
      store_loose(**loose, value);
    }
  }

  static void store_loose(LooseValue& loose, const Value& value) {
    loose.type = value.type;
    if (value.type == JsonType::string) {
      loose.text = unquoted_secret(value.raw);
    } else if (value.type == JsonType::number) {
      loose.text = Secret::copy_of(value.literal);
    } else if (value.type == JsonType::array) {
      Scanner elements{value.literal.substr(1)};
      Value first;
      if (elements.scan_value(1, first) && first.type == JsonType::string) {
        loose.text = unquoted_secret(first.raw);
      }
    }
  }

  void refuse(JsonFlaw flaw, std::size_t offset) {
    if (!type_error_) type_error_ = JsonError{.flaw = flaw, .offset = offset};
  }

  std::string_view document_;
  Scanner scanner_;
  std::span<JsonField> fields_;
  std::vector<Value> last_;  // Of the fields whose value is stored at the end.
  std::optional<JsonError> type_error_;
};

}  // namespace

void GoBytes::reserve(std::size_t room) {
  if (room_.size() < room) room_ = Secret{room};
}

void GoBytes::set_size(std::size_t size) {
  size_ = size;
  written_ = size;
}

void GoBytes::clear() {
  set_size(0);
}

void GoBytes::set_element(std::size_t index, char byte) {
  room()[index] = byte;
  if (index >= written_) written_ = index + 1;
}

void GoBytes::keep_element(std::size_t index) {
  if (index >= written_) set_element(index, '\0');
}

void GoBytes::end_array(std::size_t size) {
  size_ = size;
}

std::optional<JsonError> unmarshal(std::string_view document, std::span<JsonField> fields) {
  return Decoder{document, fields}.decode();
}

std::string_view clause_of(JsonFlaw flaw) {
  switch (flaw) {
    case JsonFlaw::syntax:
      return "the JSON is not valid";
    case JsonFlaw::ends_early:
      return "the JSON ends early";
    case JsonFlaw::too_deep:
      return "the JSON is nested deeper than 10,000";
    case JsonFlaw::wrong_type:
      return "a value in the JSON has the wrong type";
    case JsonFlaw::bad_base64:
      return "the secret is not base64";
    case JsonFlaw::bad_uuid:
      return "the tunnel id is not a UUID";
  }
  return "the JSON is not valid";
}

}  // namespace cfwarden
