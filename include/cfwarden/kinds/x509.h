// The few questions about DER that need OpenSSL. The first one asked initialises it, without its
// configuration file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cfwarden {

// Exactly one X.509 certificate and nothing behind it.
bool is_certificate(std::string_view der);

// Seconds since the epoch; nullopt for what is no certificate.
std::optional<std::int64_t> certificate_not_after(std::string_view der);

// A PKCS #8 private key that is not encrypted.
bool is_private_key(std::string_view der);

}  // namespace cfwarden
