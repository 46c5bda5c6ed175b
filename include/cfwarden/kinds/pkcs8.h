// A private key in PKCS #8, as Go's x509.ParsePKCS8PrivateKey reads it.
//
// Promises  RSA, ECDSA on the four NIST curves, Ed25519 and X25519; encrypted keys are none. The
//           structure is read, the numbers are not tried: a key that does not fit itself passes.
#pragma once

#include <string_view>

namespace cfwarden {

bool is_private_key(std::string_view der);

}  // namespace cfwarden
