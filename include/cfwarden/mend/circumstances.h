// What stands around an object, from the host: for remedy/refusal.h.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/remedy/circumstances.h"

namespace cfwarden {

// Looked at afresh through its descriptor. An Error: it could not be asked.
Result<Circumstances> circumstances_of(const Opener& opener, const Opened& object);

}  // namespace cfwarden
