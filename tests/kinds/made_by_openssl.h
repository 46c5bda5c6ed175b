// Keys and certificates of nobody, made by OpenSSL itself, and what it thinks of bytes.
#pragma once

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

struct FreeOpenssl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(PKCS8_PRIV_KEY_INFO* key) const { PKCS8_PRIV_KEY_INFO_free(key); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <class T>
using Openssl = std::unique_ptr<T, FreeOpenssl>;
using OpensslKey = Openssl<EVP_PKEY>;

// P-256 and other curves by their names, RSA, or what EVP calls the algorithm.
inline OpensslKey new_key(const std::string& algorithm) {
  const bool is_curve = algorithm.starts_with("P-") || algorithm.starts_with("secp");
  OpensslKey key{algorithm == "RSA" ? EVP_RSA_gen(1024)
                 : is_curve         ? EVP_EC_gen(algorithm.c_str())
                                    : EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm.c_str())};
  REQUIRE(key);
  return key;
}

// What an i2d function writes.
template <class T, class Write>
std::string der_written(const T* object, Write write) {
  unsigned char* bytes = nullptr;
  const int size = write(object, &bytes);
  REQUIRE(size > 0);
  std::string der{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  OPENSSL_free(bytes);
  return der;
}

inline std::string pkcs8_of(const OpensslKey& key) {
  const Openssl<PKCS8_PRIV_KEY_INFO> wrapped{EVP_PKEY2PKCS8(key.get())};
  REQUIRE(wrapped);
  return der_written(wrapped.get(), i2d_PKCS8_PRIV_KEY_INFO);
}

inline std::string certificate_of(const OpensslKey& key, std::int64_t not_after) {
  const Openssl<X509> certificate{X509_new()};
  X509* const x509 = certificate.get();
  REQUIRE(X509_set_version(x509, X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 4711);
  X509_NAME* const name = X509_get_subject_name(x509);
  const auto* const invented = reinterpret_cast<const unsigned char*>("invented.example");
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, invented, -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, invented, -1, -1, 0);
  X509_set_issuer_name(x509, name);
  ASN1_TIME_set(X509_getm_notBefore(x509), 0);
  ASN1_TIME_set(X509_getm_notAfter(x509), not_after);
  X509_set_pubkey(x509, key.get());
  const Openssl<X509_EXTENSION> extension{
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE")};
  REQUIRE(extension);
  X509_add_ext(x509, extension.get(), -1);
  const std::string type = EVP_PKEY_get0_type_name(key.get());
  REQUIRE(X509_sign(x509, key.get(), type.starts_with("ED") ? nullptr : EVP_sha256()) > 0);
  return der_written(x509, i2d_X509);
}

// Reads all of `der` with a d2i function; null for anything else.
template <class T, class Read>
Openssl<T> read_by_openssl(std::string_view der, Read read) {
  const auto* const start = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* next = start;
  Openssl<T> object{read(nullptr, &next, static_cast<long>(der.size()))};
  ERR_clear_error();
  if (next != start + der.size()) object.reset();
  return object;
}

// OpenSSL does not look at the times of a certificate before it is asked for them.
struct OpensslVerdict {
  bool accepted = false;
  std::optional<std::int64_t> not_after;
};

inline OpensslVerdict openssl_on_certificate(std::string_view der) {
  const auto certificate = read_by_openssl<X509>(der, d2i_X509);
  if (!certificate) return {};
  std::tm utc{};
  const bool is_time = ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &utc) == 1;
  ERR_clear_error();
  if (!is_time) return {.accepted = true, .not_after = std::nullopt};
  return {.accepted = true, .not_after = timegm(&utc)};
}

// The key as it writes it, which is DER even where it read what only BER allows; "" for none.
inline std::string key_as_openssl_writes_it(std::string_view der) {
  const auto wrapped = read_by_openssl<PKCS8_PRIV_KEY_INFO>(der, d2i_PKCS8_PRIV_KEY_INFO);
  return wrapped ? der_written(wrapped.get(), i2d_PKCS8_PRIV_KEY_INFO) : "";
}

inline bool openssl_accepts_key(std::string_view der) {
  const auto wrapped = read_by_openssl<PKCS8_PRIV_KEY_INFO>(der, d2i_PKCS8_PRIV_KEY_INFO);
  const OpensslKey key{wrapped ? EVP_PKCS82PKEY(wrapped.get()) : nullptr};
  ERR_clear_error();
  return key != nullptr;
}

}  // namespace cfwarden
