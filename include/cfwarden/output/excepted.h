// How formats say that a finding is accepted. The bytes are whoever's who wrote the exception: raw,
// for shown() or told().
#pragma once

#include "cfwarden/model/exception.h"

#include <string>

namespace cfwarden {

// "until 2026-12-31 by network team: replaced with the next release".
std::string accepted_until(const Exception& exception);

}  // namespace cfwarden
