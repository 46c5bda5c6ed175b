// A Credential as bytes between a worker and its supervisor, each field checked when it comes back:
// known kinds and words, the forms of ids and fingerprints, bounded text.
#pragma once

#include "cfwarden/host/wire.h"
#include "cfwarden/model/credential.h"

namespace cfwarden {

void encode_credential(Encoder& out, const Credential& credential);
Credential decode_credential(Decoder& in);

}  // namespace cfwarden
