// A JSON document decoded into named fields, as Go's encoding/json decodes it into a struct.
//
// Promises  Go's verdict on every document: syntax first (depth 10,000, no byte order mark, nothing
//           after the value), then types. Keys are case-folded; the last of several wins; null
//           leaves text and UUIDs alone and empties bytes; invalid UTF-8 and lone surrogates become
//           U+FFFD; bytes are base64 text or an array of 0 to 255. Linear, without recursion.
#pragma once

#include "cfwarden/base/go_bytes.h"
#include "cfwarden/base/json_error.h"
#include "cfwarden/base/json_scanner.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/base/uuid.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace cfwarden {

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

// nullopt when Go's json.Unmarshal returns nil. After an error the fields hold what was understood
// before and around it, for whoever repairs the document.
std::optional<JsonError> unmarshal(std::string_view document, std::span<JsonField> fields);

}  // namespace cfwarden
