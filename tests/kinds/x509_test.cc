#include "cfwarden/kinds/x509.h"

#include "made_by_openssl.h"
#include "made_der.h"

#include <doctest/doctest.h>

namespace cfwarden {
namespace {

constexpr std::int64_t a_day_in_2031 = 1'940'000'000;
constexpr std::int64_t a_day_in_2300 = 10'430'000'000;

// The parts of a certificate as they are written; by default one that everybody accepts.
struct Parts {
  std::string version = element('\xa0', "\x02\x01\x02");
  std::string serial = element('\x02', "\x12\x67");
  std::string algorithm = element('\x30', element('\x06', "\x2b\x65\x70"));
  std::string issuer = element('\x30', "");
  std::string not_before = element('\x17', "700101000000Z");
  std::string not_after = element('\x17', "310101000000Z");
  std::string subject = issuer;
  std::string key = element('\x30', algorithm + element('\x03', std::string(33, '\0')));
  std::string ids;
  std::string extensions;
  std::string last_signed;
  std::string outer_algorithm = algorithm;
  std::string signature = element('\x03', std::string(65, '\0'));
  std::string last;
  std::string behind;

  std::string der() const {
    const std::string validity = element('\x30', not_before + not_after);
    const std::string part = element('\x30', version + serial + algorithm + issuer + validity +
                                                 subject + key + ids + extensions + last_signed);
    return element('\x30', part + outer_algorithm + signature + last) + behind;
  }
};

std::string extensions_of(const std::string& extensions) {
  return element('\xa3', element('\x30', extensions));
}

const std::string extension = element('\x30', "\x06\x03\x2a\x03\x04\x04\x00"s);
const std::string critical_extension = element('\x30', "\x06\x03\x2a\x03\x05\x01\x01\xff\x04\x00"s);

std::string name_of(const std::string& attribute) {
  return element('\x30', element('\x31', element('\x30', attribute)));
}

TEST_CASE("a certificate that OpenSSL makes is one, and ends when OpenSSL says") {
  for (const char* algorithm :
       {"P-256", "P-384", "P-521", "secp256k1", "RSA", "ED25519", "ED448"}) {
    CAPTURE(algorithm);
    const OpensslKey key = new_key(algorithm);
    for (const std::int64_t not_after :
         {std::int64_t{-1}, a_day_in_2031, std::int64_t{2'524'607'999}, std::int64_t{2'524'608'000},
          a_day_in_2300, std::int64_t{253'402'300'799}}) {
      CAPTURE(not_after);
      const std::string der = certificate_of(key, not_after);
      CHECK(is_certificate(der));
      CHECK(certificate_not_after(der) == not_after);
      CHECK(openssl_on_certificate(der).not_after == not_after);
    }
  }
}

TEST_CASE("no part of a certificate is one, nor two of them, nor one with something behind it") {
  const std::string der = certificate_of(new_key("P-256"), a_day_in_2031);
  for (std::size_t size = 0; size < der.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(is_certificate(der.substr(0, size)));
  }
  CHECK_FALSE(is_certificate(der + '\0'));
  CHECK_FALSE(is_certificate(der + der));
}

TEST_CASE("whatever happens to a certificate, where OpenSSL takes it too it ends at one time") {
  std::mt19937 random{4711};  // NOLINT(cert-msc51-cpp): the same inputs in every run.
  int both = 0;
  int neither = 0;
  for (const char* algorithm : {"P-256", "RSA", "ED25519"}) {
    const OpensslKey key = new_key(algorithm);
    for (const std::int64_t not_after : {a_day_in_2031, a_day_in_2300}) {
      const std::string whole = certificate_of(key, not_after);
      for (int i = 0; i < 2'000; ++i) {
        const std::string der = mutated(whole, random);
        CAPTURE(i);
        const auto ours = certificate_not_after(der);
        const OpensslVerdict theirs = openssl_on_certificate(der);
        CHECK(is_certificate(der) == ours.has_value());
        if (ours && theirs.not_after) CHECK(*ours == *theirs.not_after);
        both += ours && theirs.accepted ? 1 : 0;
        neither += !ours && !theirs.accepted ? 1 : 0;
      }
    }
  }
  CHECK(both > 1'000);
  CHECK(neither > 1'000);
}

TEST_CASE("OpenSSL and Go differ about what a certificate is, and here it is what Go says") {
  enum class Taker { everybody, openssl, go, nobody };
  struct Case {
    std::string_view what;
    Parts parts;
    Taker taker;
  };
  const std::string other_algorithm = element('\x30', element('\x06', "\x2b\x65\x71"));
  const std::string text = element('\x0c', "x");
  const Case cases[] = {
      {"as it should be", {}, Taker::everybody},
      {"version 1", {.version = ""}, Taker::everybody},
      {"version 2 with unique ids",
       {.version = "\xa0\x03\x02\x01\x01", .ids = "\x81\x02\x00x\x82\x02\x00y"s},
       Taker::everybody},
      {"a negative serial number", {.serial = "\x02\x01\xff"}, Taker::everybody},
      {"a name", {.subject = name_of("\x06\x03\x55\x04\x03" + text)}, Taker::everybody},
      {"extensions",
       {.extensions = extensions_of(extension + critical_extension)},
       Taker::everybody},
      {"an end in 2050", {.not_after = element('\x18', "20500101000000Z")}, Taker::everybody},

      // Times: OpenSSL looks at none of them, Go at both.
      {"a start that is no time", {.not_before = element('\x17', "yesterday")}, Taker::openssl},
      {"an end that is no time", {.not_after = element('\x17', "tomorrow")}, Taker::openssl},
      {"a day that February lacks",
       {.not_after = element('\x17', "310229000000Z")},
       Taker::openssl},
      {"fractions of a second",
       {.not_after = element('\x18', "20310101000000.5Z")},
       Taker::openssl},
      // What the standard demands and OpenSSL does not ask for.
      {"another algorithm outside", {.outer_algorithm = other_algorithm}, Taker::openssl},
      {"version 4", {.version = element('\xa0', "\x02\x01\x03")}, Taker::openssl},
      {"version -1", {.version = element('\xa0', "\x02\x01\xff")}, Taker::openssl},
      {"an extension twice", {.extensions = extensions_of(extension + extension)}, Taker::openssl},
      {"a boolean of 1",
       {.extensions = extensions_of(element('\x30', "\x06\x03\x2a\x03\x04\x01\x01\x01\x04\x00"s))},
       Taker::openssl},
      {"bits beyond the signature's end", {.signature = "\x03\x02\x07\xff"}, Taker::openssl},
      // Later versions may add to the end of a SEQUENCE: Go lets them, OpenSSL does not.
      {"more behind the signature", {.last = "\x05\x00"s}, Taker::go},
      {"more behind the extensions", {.last_signed = "\x05\x00"s}, Taker::go},
      {"more behind the parameters",
       {.algorithm = element('\x30', "\x06\x03\x2b\x65\x70\x05\x00\x05\x00"s)},
       Taker::go},

      // Go does not look at the parts that a version does not have.
      {"bad extensions of version 1",
       {.version = "", .extensions = "\xa3\x02\x05\x00"s},
       Taker::go},
      {"a bad unique id of version 1", {.version = "", .ids = "\x81\x09"}, Taker::go},
      {"bad extensions of version 2",
       {.version = "\xa0\x03\x02\x01\x01", .extensions = "\xa3\x02\x05\x00"s},
       Taker::go},

      {"something behind it", {.behind = "\x05\x00"s}, Taker::nobody},
      {"no serial number", {.serial = ""}, Taker::nobody},
      {"an empty serial number", {.serial = "\x02\x00"s}, Taker::nobody},
      {"a version without a number", {.version = "\xa0\x00"s}, Taker::nobody},
      {"a version with something behind it",
       {.version = "\xa0\x05\x02\x01\x02\x05\x00"s},
       Taker::nobody},
      {"no end of validity", {.not_after = ""}, Taker::nobody},
      {"no public key", {.key = ""}, Taker::nobody},
      {"a public key without bits", {.key = element('\x30', "\x05\x00"s)}, Taker::nobody},
      {"an algorithm without a name",
       {.algorithm = "\x30\x00"s, .key = Parts{}.key},
       Taker::nobody},
      {"a name that is no SEQUENCE", {.issuer = "\x31\x00"s}, Taker::nobody},
      {"a name without a value", {.subject = name_of("\x06\x03\x55\x04\x03")}, Taker::nobody},
      {"a name that is cut short", {.issuer = "\x30\x02\x31\x05"}, Taker::nobody},
      {"part of a name that is cut short", {.issuer = "\x30\x04\x31\x02\x30\x05"}, Taker::nobody},
      {"an attribute of another type", {.issuer = "\x30\x04\x31\x02\x05\x00"s}, Taker::nobody},
      {"a name of nothing", {.subject = name_of(text)}, Taker::nobody},
      {"extensions that are none", {.extensions = "\xa3\x02\x05\x00"s}, Taker::nobody},
      {"an extension without a value",
       {.extensions = extensions_of("\x30\x05\x06\x03\x2a\x03\x04")},
       Taker::nobody},
      {"no signature", {.signature = ""}, Taker::nobody},
      {"an empty signature", {.signature = "\x03\x00"s}, Taker::nobody},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const std::string der = c.parts.der();
    CHECK(is_certificate(der) == (c.taker == Taker::everybody || c.taker == Taker::go));
    const bool openssl = c.taker == Taker::everybody || c.taker == Taker::openssl;
    CHECK(openssl_on_certificate(der).accepted == openssl);
  }
}

TEST_CASE("lengths that only BER has are refused, which OpenSSL takes") {
  const std::string der = Parts{}.der();
  REQUIRE(der.substr(0, 2) == "\x30\x81");
  const std::string longer = "\x30\x82\x00"s + der.substr(2);
  const std::string indefinite = "\x30\x80"s + der.substr(3) + "\x00\x00"s;
  for (const std::string& ber : {longer, indefinite}) {
    CHECK(openssl_on_certificate(ber).accepted);
    CHECK_FALSE(is_certificate(ber));
  }
}

}  // namespace
}  // namespace cfwarden
