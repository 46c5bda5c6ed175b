// What is wrong with a JSON document: in words of our own, since a parser's could quote a secret.
#pragma once

#include <cstddef>
#include <string_view>

namespace cfwarden {

// The first three are not JSON at all, or too much of it; the others do not fit their field.
enum class JsonFlaw { syntax, ends_early, too_deep, wrong_type, bad_base64, bad_uuid };

struct JsonError {
  JsonFlaw flaw = JsonFlaw::syntax;
  std::size_t offset = 0;  // Of the first bad byte, or of the value of the wrong type.
};

// A clause for people: "the JSON is not valid".
std::string_view clause_of(JsonFlaw flaw);

}  // namespace cfwarden
