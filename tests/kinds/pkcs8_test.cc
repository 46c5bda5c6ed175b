#include "cfwarden/kinds/pkcs8.h"

#include "made_by_openssl.h"
#include "made_der.h"

#include <doctest/doctest.h>

namespace cfwarden {
namespace {

const std::string p256 = "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const std::string elliptic = "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01" + p256;
const std::string ed25519 = "\x06\x03\x2b\x65\x70";
const std::string number = "INVENTED-number-of-32-bytes-0123";

std::string wrapped(const std::string& algorithm, const std::string& key) {
  return element('\x30',
                 element('\x02', "\0"s) + element('\x30', algorithm) + element('\x04', key));
}

std::string elliptic_key(const std::string& bytes, const std::string& rest = "") {
  return element('\x30', "\x02\x01\x01" + element('\x04', bytes) + rest);
}

std::string rsa_key(const std::string& version, const std::string& numbers) {
  return wrapped("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"s,
                 element('\x30', element('\x02', version) + numbers));
}

std::string numbers(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += "\x02\x01\x05";
  return all;
}

TEST_CASE("the keys that OpenSSL makes are keys, where Go knows their algorithm") {
  for (const char* algorithm : {"P-224", "P-256", "P-384", "P-521", "RSA", "ED25519", "X25519"}) {
    CAPTURE(algorithm);
    const std::string der = pkcs8_of(new_key(algorithm));
    CHECK(openssl_accepts_key(der));
    CHECK(is_private_key(der));
  }
  for (const char* algorithm : {"secp256k1", "ED448", "X448"}) {
    CAPTURE(algorithm);
    const std::string der = pkcs8_of(new_key(algorithm));
    CHECK(openssl_accepts_key(der));
    CHECK_FALSE(is_private_key(der));
  }
}

TEST_CASE("keys in other wrappings, encrypted ones and certificates are none") {
  const OpensslKey key = new_key("P-256");
  const OpensslKey rsa = new_key("RSA");
  CHECK_FALSE(is_private_key(der_written(key.get(), i2d_PrivateKey)));
  CHECK_FALSE(is_private_key(der_written(rsa.get(), i2d_PrivateKey)));
  CHECK_FALSE(is_private_key(der_written(key.get(), i2d_PUBKEY)));
  CHECK_FALSE(is_private_key(certificate_of(key, 0)));
  const std::string scheme = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
  CHECK_FALSE(is_private_key(element('\x30', element('\x30', scheme) + element('\x04', number))));
}

TEST_CASE("no part of a key is one") {
  for (const char* algorithm : {"P-256", "RSA", "ED25519"}) {
    CAPTURE(algorithm);
    const std::string der = pkcs8_of(new_key(algorithm));
    for (std::size_t size = 0; size < der.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(is_private_key(der.substr(0, size)));
    }
  }
}

TEST_CASE("whatever happens to a key on curve 25519, what OpenSSL still takes is one") {
  std::mt19937 random{4711};  // NOLINT(cert-msc51-cpp): the same inputs in every run.
  const std::string key = wrapped(ed25519, element('\x04', number));
  int taken = 0;
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    const std::string der = mutated(key, random);
    CAPTURE(i);
    const bool ours = is_private_key(der);
    const bool theirs = openssl_accepts_key(der) && key_as_openssl_writes_it(der) == der;
    if (theirs) CHECK(ours);
    taken += ours && theirs ? 1 : 0;
    refused += !ours && !theirs ? 1 : 0;
  }
  CHECK(taken > 500);
  CHECK(refused > 500);
}

TEST_CASE("OpenSSL takes keys that Go refuses: of other versions, and of numbers below 1") {
  const std::string number_0 = "\x02\x01\x00"s;
  const std::string number_below_0 = "\x02\x01\x85";
  for (const std::string& der :
       {wrapped(elliptic, element('\x30', "\x02\x01\x02" + element('\x04', number))),
        rsa_key("\0"s, numbers(4) + number_0 + numbers(3)),
        rsa_key("\0"s, number_below_0 + numbers(7))}) {
    CAPTURE(der);
    CHECK(openssl_accepts_key(der));
    CHECK_FALSE(is_private_key(der));
  }
}

TEST_CASE("like Go, bytes behind a key and elements at its end do not matter; OpenSSL minds them") {
  const std::string der = wrapped(ed25519, element('\x04', number));
  CHECK(is_private_key(der));
  CHECK(openssl_accepts_key(der));
  for (const std::string& longer :
       {der + '\0', der + der, "\x30\x30"s + der.substr(2) + "\x05\x00"s}) {
    CHECK(is_private_key(longer));
    CHECK_FALSE(openssl_accepts_key(longer));
  }
}

TEST_CASE("a key on curve 25519 is 32 bytes, and its algorithm has no parameters") {
  CHECK_FALSE(is_private_key(wrapped(ed25519, element('\x04', number + "4"))));
  CHECK_FALSE(is_private_key(wrapped(ed25519, element('\x04', number.substr(1)))));
  CHECK_FALSE(is_private_key(wrapped(ed25519, number)));
  CHECK_FALSE(is_private_key(wrapped(ed25519 + "\x05\x00"s, element('\x04', number))));
}

TEST_CASE("the curve of a key stands beside it, or else in it") {
  const std::string nameless = "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
  const std::string inside = element('\xa0', p256);
  const std::string unknown = "\x06\x05\x2b\x81\x04\x00\x0a"s;
  CHECK(is_private_key(wrapped(elliptic, elliptic_key(number))));
  CHECK(is_private_key(wrapped(nameless, elliptic_key(number, inside))));
  CHECK(is_private_key(wrapped(nameless + "\x05\x00"s, elliptic_key(number, inside))));
  CHECK(is_private_key(wrapped(elliptic, elliptic_key(number, element('\xa0', unknown)))));
  CHECK_FALSE(is_private_key(wrapped(nameless, elliptic_key(number))));
  CHECK_FALSE(is_private_key(wrapped(nameless + "\x05\x09", elliptic_key(number, inside))));
  CHECK_FALSE(is_private_key(wrapped(nameless + unknown, elliptic_key(number, inside))));
  CHECK_FALSE(is_private_key(wrapped(nameless, elliptic_key(number, element('\xa0', unknown)))));
}

TEST_CASE("a key of a curve has no more bytes than its order, but for zeros") {
  CHECK(is_private_key(wrapped(elliptic, elliptic_key("\0\0"s + number))));
  CHECK(is_private_key(wrapped(elliptic, elliptic_key(number.substr(8)))));
  CHECK_FALSE(is_private_key(wrapped(elliptic, elliptic_key("x" + number))));
  CHECK_FALSE(is_private_key(wrapped(elliptic, element('\x30', "\x02\x01\x01"))));
  CHECK_FALSE(
      is_private_key(wrapped(elliptic, element('\x30', "\x02\x01\x02" + element('\x04', number)))));
  const std::string bits = element('\xa1', element('\x03', "\0\x04xy"s));
  CHECK(is_private_key(wrapped(elliptic, elliptic_key(number, bits))));
  CHECK_FALSE(is_private_key(wrapped(elliptic, elliptic_key(number, "\xa1\x02\x03\x00"s))));
}

TEST_CASE("an RSA key is a version and positive numbers, and nothing behind them") {
  CHECK(is_private_key(rsa_key("\0"s, numbers(5))));
  CHECK(is_private_key(rsa_key("\1", numbers(8))));
  CHECK_FALSE(is_private_key(rsa_key("\2", numbers(8))));
  CHECK_FALSE(is_private_key(rsa_key("\0"s, numbers(4))));
  CHECK_FALSE(is_private_key(rsa_key("\0"s, "\x02\x02\x00\x05"s + numbers(4))));
  const std::string key = element('\x30', element('\x02', "\0"s) + numbers(5));
  CHECK_FALSE(is_private_key(wrapped("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", key + "x")));
}

TEST_CASE("the wrapper's version is any whole number, as Go does not look at it") {
  const std::string rest = element('\x30', ed25519) + element('\x04', element('\x04', number));
  CHECK(is_private_key(element('\x30', "\x02\x01\x01" + rest)));
  CHECK_FALSE(is_private_key(element('\x30', "\x02\x02\x00\x01"s + rest)));
  CHECK_FALSE(is_private_key(element('\x30', "\x02\x09\x01" + std::string(8, '\0') + rest)));
}

}  // namespace
}  // namespace cfwarden
