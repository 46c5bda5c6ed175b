// What `cfwarden inspect` says of one thing, in words and as one JSON object.
//
// The object has exactly the keys kind, status, reason, account, zone, tunnel, endpoint,
// secret_bytes, fingerprint, authority; what is unknown is null.
#pragma once

#include "cfwarden/model/credential.h"
#include "cfwarden/output/format.h"

#include <iosfwd>

namespace cfwarden {

void write_inspection(const Decoded& decoded, const Terminal& terminal, std::ostream& out);
void write_inspection_json(const Decoded& decoded, std::ostream& out);

}  // namespace cfwarden
