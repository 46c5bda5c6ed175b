// The caller's TUNNEL_* variables in the form of an environment file, so that one carrier reads
// both. Pure.
#pragma once

#include "cfwarden/host/identity.h"

#include <string>
#include <vector>

namespace cfwarden {

// One line a variable, in order: NAME="value" with what a shell would take for its own escaped.
std::string environment_text(const std::vector<Variable>& variables);

}  // namespace cfwarden
