// An exception in JSON, as reports and repairs have it; whatever library holds it.
#pragma once

#include "cfwarden/model/exception.h"
#include "cfwarden/output/json_text.h"

namespace cfwarden {

template <class Json>
Json json_of_exception(const Exception& exception) {
  return {{"reason", json_text(exception.reason)},
          {"owner", json_text(exception.owner)},
          {"expires", json_text(exception.expires)},
          {"file", json_text(exception.file)}};
}

}  // namespace cfwarden
