#include "cfwarden/base/fingerprint.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

TEST_CASE("a fingerprint is the start of the SHA-256 of the secret") {
  CHECK(fingerprint("abc", {}) == "sha256:ba7816bf8f01cfea");
  CHECK(fingerprint("abd", {}) != fingerprint("abc", {}));
}

TEST_CASE("with a key a fingerprint is the start of the HMAC, for keys of every length") {
  // RFC 4231, cases 2 and 6.
  CHECK(fingerprint("what do ya want for nothing?", "Jefe") == "hmac:5bdcc146bf60754e");
  CHECK(fingerprint("Test Using Larger Than Block-Size Key - Hash Key First",
                    std::string(131, '\xaa')) == "hmac:60e431591ee0b67f");
}

TEST_CASE("an empty secret has no fingerprint") {
  CHECK(fingerprint("", {}).empty());
  CHECK(fingerprint("", "Jefe").empty());
}

TEST_CASE("a hash has as many digits as were asked for") {
  CHECK(hash_hex("abc", 7) == "ba7816b");
  CHECK(hash_hex("", 64) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hash_hex("abc", 0).empty());
}

}  // namespace
}  // namespace cfwarden
