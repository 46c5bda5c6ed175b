// Reads the one thing a person names for `inspect`: a file, or "-" for standard input.
//
// Follows links and takes pipes, since the person chose the name; at most `cap` + 1 bytes are read,
// so that a decoder can tell that there was more. Never waits for a lease or for a FIFO without a
// writer.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"

#include <cstddef>
#include <string>

namespace cfwarden {

Result<Secret> read_input(const std::string& file, std::size_t cap);

}  // namespace cfwarden
