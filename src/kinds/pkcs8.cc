#include "cfwarden/kinds/pkcs8.h"

#include "cfwarden/base/der.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace cfwarden {
namespace {

// Like Go, none of these minds more elements at the end of a SEQUENCE, nor bytes behind the key.

using namespace std::string_view_literals;

constexpr std::size_t curve25519_key_size = 32;
constexpr std::int64_t elliptic_key_version = 1;

struct Curve {
  std::string_view object_id;
  std::size_t key_size;
};

constexpr std::array curves{
    Curve{"\x2b\x81\x04\x00\x21"sv, 28},              // P-224
    Curve{"\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, 32},  // P-256
    Curve{"\x2b\x81\x04\x00\x22"sv, 48},              // P-384
    Curve{"\x2b\x81\x04\x00\x23"sv, 66},              // P-521
};

bool is_positive(std::string_view integer) {
  return is_der_integer(integer) && static_cast<signed char>(integer[0]) >= 0 && integer != "\0"sv;
}

// PKCS #1: version, modulus, two exponents, two primes, and what follows from them.
bool is_rsa_key(std::string_view der, std::string_view) {
  DerReader outer{der};
  DerReader key{outer.take(DerTag::sequence)};
  const auto version = der_integer(key.take(DerTag::integer));
  if (!outer.at_end() || !version || *version > 1) return false;
  for (int number = 0; number < 5; ++number) {
    if (!is_positive(key.take(DerTag::integer))) return false;
  }
  return true;
}

// The curve is named beside the key or in it; what stands beside it counts.
std::string_view curve_name(std::string_view parameters, std::string_view in_key) {
  DerReader beside{parameters};
  if (const auto name = beside.take_optional(DerTag::object_id)) return *name;
  DerReader inside{in_key};
  return inside.take(DerTag::object_id);
}

bool is_public_key(std::string_view content) {
  DerReader key{content};
  return is_der_bit_string(key.take(DerTag::bit_string));
}

// SEC 1: version, key, [0] curve, [1] public key.
bool is_elliptic_key(std::string_view der, std::string_view parameters) {
  DerReader outer{der};
  DerReader key{outer.take(DerTag::sequence)};
  if (der_integer(key.take(DerTag::integer)) != elliptic_key_version) return false;
  std::string_view number = key.take(DerTag::octet_string);
  const auto in_key = key.take_optional(explicit_tag(0));
  const auto public_key = key.take_optional(explicit_tag(1));
  if (!key.sound() || (public_key && !is_public_key(*public_key))) return false;
  const std::string_view name = curve_name(parameters, in_key.value_or(""));
  const auto* const curve = std::ranges::find(curves, name, &Curve::object_id);
  // OpenSSL used to drop leading zeros; others put too many.
  number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
  return curve != curves.end() && number.size() <= curve->key_size;
}

bool is_curve25519_key(std::string_view der, std::string_view parameters) {
  DerReader key{der};
  return parameters.empty() && key.take(DerTag::octet_string).size() == curve25519_key_size;
}

struct Algorithm {
  std::string_view object_id;
  bool (*is_key)(std::string_view der, std::string_view parameters);
};

constexpr std::array algorithms{
    Algorithm{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv, is_rsa_key},
    Algorithm{"\x2a\x86\x48\xce\x3d\x02\x01"sv, is_elliptic_key},
    Algorithm{"\x2b\x65\x70"sv, is_curve25519_key},  // Ed25519
    Algorithm{"\x2b\x65\x6e"sv, is_curve25519_key},  // X25519
};

}  // namespace

bool is_private_key(std::string_view der) {
  DerReader outer{der};
  DerReader wrapped{outer.take(DerTag::sequence)};
  const auto version = der_integer(wrapped.take(DerTag::integer));
  DerReader algorithm{wrapped.take(DerTag::sequence)};
  const std::string_view key = wrapped.take(DerTag::octet_string);
  const std::string_view name = algorithm.take(DerTag::object_id);
  const std::string_view parameters = algorithm.rest();
  if (!algorithm.at_end()) (void)algorithm.take_any();  // Of any type, but whole.
  const auto* const known = std::ranges::find(algorithms, name, &Algorithm::object_id);
  return wrapped.sound() && algorithm.sound() && version && known != algorithms.end() &&
         known->is_key(key, parameters);
}

}  // namespace cfwarden
