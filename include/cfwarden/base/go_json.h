// A JSON document decoded into named fields, as Go's encoding/json decodes it into a struct.
//
// Promises  Go's verdict on every document: syntax first (depth 10,000, no byte order mark, nothing
//           after the value), then types. Keys are case-folded; the last of several wins; null
//           leaves text and UUIDs alone and empties bytes; invalid UTF-8 and lone surrogates become
//           U+FFFD; bytes are base64 text or an array of 0 to 255. Linear, without recursion.
#pragma once

#include "cfwarden/base/secret.h"
#include "cfwarden/base/uuid.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace cfwarden {

// A []byte field. Like Go's slice it keeps the bytes of earlier values behind its length: a null in
// an array leaves what an earlier value of the same field put there.
class GoBytes {
 public:
  std::string_view reveal() const { return room_.reveal().substr(0, size_); }
  std::size_t size() const { return size_; }

  // For the reader: `room` bytes are enough for every later call.
  void reserve(std::size_t room);
  std::span<char> room() { return room_.writable(); }
  void set_size(std::size_t size);  // Of a whole value just written from the start of room().
  void clear();
  void set_element(std::size_t index, char byte);
  void keep_element(std::size_t index);  // As it was, or 0 when it never was set.
  void end_array(std::size_t size);

 private:
  Secret room_;
  std::size_t size_ = 0;
  std::size_t written_ = 0;  // Bytes of room_ that hold something.
};

enum class JsonType { absent, null, boolean, number, string, array, object };

// A field of any type, for what Go does not decide.
struct LooseValue {
  JsonType type = JsonType::absent;
  Secret text;  // A string's text, a number's literal, an array's first element if it is a string.
};

// Where a field's value goes: text, secret text, bytes, a UUID, or anything.
using JsonTarget = std::variant<std::string*, Secret*, GoBytes*, Uuid*, LooseValue*>;

struct JsonField {
  std::string_view name;  // ASCII, at most 32 bytes; no two fields fold to the same.
  JsonTarget into;
  bool seen = false;  // Set when the document has it, with whatever value.
};

enum class JsonFlaw { syntax, ends_early, too_deep, wrong_type, bad_base64, bad_uuid };

struct JsonError {
  JsonFlaw flaw = JsonFlaw::syntax;
  std::size_t offset = 0;  // Of the first bad byte, or of the value of the wrong type.
};

// nullopt when Go's json.Unmarshal returns nil. After an error the fields hold what was understood
// before and around it, for whoever repairs the document.
std::optional<JsonError> unmarshal(std::string_view document, std::span<JsonField> fields);

// A clause of our own for people: "the JSON is not valid".
std::string_view clause_of(JsonFlaw flaw);

}  // namespace cfwarden
