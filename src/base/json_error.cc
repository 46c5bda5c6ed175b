#include "cfwarden/base/json_error.h"

namespace cfwarden {

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
