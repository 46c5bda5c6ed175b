// Tells how far a change of several steps has come. Tests end the process there.
#pragma once

#include "cfwarden/base/result.h"

#include <functional>
#include <string_view>

namespace cfwarden {

// Called after each step with its name. May be empty.
using AfterStep = std::function<void(std::string_view step)>;

// What the step came to; `after_step` is told of it unless it failed.
Result<Done> told(const AfterStep& after_step, Result<Done> done, std::string_view step);

}  // namespace cfwarden
