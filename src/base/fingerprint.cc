#include "cfwarden/base/fingerprint.h"

// The low-level SHA-256 calls do not initialise the library, as EVP does.
#define OPENSSL_API_COMPAT 0x10100000L

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <initializer_list>

// libcrypto's archive for x86_64 calls OPENSSL_cpuid_setup before main. Each CPUID instruction of
// it leaves a virtual machine for the hypervisor, and together they take as long as a walk of a
// host. cmake/dependencies.cmake has the linker put this in its place: SHA-256 is then computed by
// the portable code, as on a processor without extensions.
extern "C" [[gnu::used]] void __wrap_OPENSSL_cpuid_setup() {}  // NOLINT(*-reserved-identifier)

namespace cfwarden {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;
using Pad = std::array<char, SHA256_CBLOCK>;

constexpr unsigned fingerprint_digits = 16;

std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest sha256(std::initializer_list<std::string_view> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const std::string_view part : parts) SHA256_Update(&context, part.data(), part.size());
  Digest digest;
  SHA256_Final(digest.data(), &context);
  OPENSSL_cleanse(&context, sizeof context);
  return digest;
}

// RFC 2104: H(key ^ opad, H(key ^ ipad, text)); a key longer than a block is hashed first.
Digest hmac_sha256(std::string_view key, std::string_view text) {
  Digest short_key{};
  if (key.size() > SHA256_CBLOCK) {
    short_key = sha256({key});
    key = view_of(short_key);
  }
  Pad inner;
  Pad outer;
  inner.fill(0x36);
  outer.fill(0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  const Digest first = sha256({{inner.data(), inner.size()}, text});
  const Digest second = sha256({{outer.data(), outer.size()}, view_of(first)});
  OPENSSL_cleanse(inner.data(), inner.size());
  OPENSSL_cleanse(outer.data(), outer.size());
  OPENSSL_cleanse(short_key.data(), short_key.size());
  return second;
}

std::string hex(const Digest& digest, unsigned digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text;
  text.reserve(digits);
  for (unsigned i = 0; i < digits && i < 2 * digest.size(); ++i) {
    const unsigned char byte = digest[i / 2];
    text += alphabet[i % 2 == 0 ? byte >> 4 : byte & 0x0f];
  }
  return text;
}

}  // namespace

std::string fingerprint(std::string_view secret, std::string_view hmac_key) {
  if (secret.empty()) return {};
  if (hmac_key.empty()) return "sha256:" + hex(sha256({secret}), fingerprint_digits);
  return "hmac:" + hex(hmac_sha256(hmac_key, secret), fingerprint_digits);
}

std::string hash_hex(std::string_view text, unsigned digits) {
  return hex(sha256({text}), digits);
}

}  // namespace cfwarden
