// The two questions that are asked about an X.509 certificate.
//
// Promises  the structure is read as Go's x509.ParseCertificate reads it. What that asks beyond it
//           is not: the alphabets of names, the public key, what an extension holds.
//           The reader is ours because any call of OpenSSL's would bring most of libcrypto into the
//           program, and every start would pay for it: 4 MB of file and a fifth of a millisecond.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cfwarden {

// Exactly one certificate, and nothing behind it.
bool is_certificate(std::string_view der);

// The end of its validity in seconds since the epoch; nullopt for what is no certificate.
std::optional<std::int64_t> certificate_not_after(std::string_view der);

}  // namespace cfwarden
