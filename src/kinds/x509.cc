#include "cfwarden/kinds/x509.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <ctime>
#include <memory>

namespace cfwarden {
namespace {

struct Release {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(PKCS8_PRIV_KEY_INFO* key) const { PKCS8_PRIV_KEY_INFO_free(key); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

template <class T>
using Owned = std::unique_ptr<T, Release>;

using DerReader = const unsigned char*;

// A configuration file could name a module to load: it is never read.
void start_openssl() {
  static const int started = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  (void)started;  // If it failed, every reader below fails too.
}

// `read` is a d2i function; it must take the whole input.
template <class T, class Read>
Owned<T> read_all(std::string_view der, Read read) {
  start_openssl();
  DerReader next = reinterpret_cast<DerReader>(der.data());
  DerReader const end = next + der.size();
  Owned<T> object{read(nullptr, &next, static_cast<long>(der.size()))};
  ERR_clear_error();
  if (next != end) object.reset();
  return object;
}

std::int64_t seconds_of(const std::tm& utc) {
  using namespace std::chrono;
  const sys_days day = year{utc.tm_year + 1900} / month{static_cast<unsigned>(utc.tm_mon + 1)} /
                       std::chrono::day{static_cast<unsigned>(utc.tm_mday)};
  const auto time =
      day + hours{utc.tm_hour} + minutes{utc.tm_min} + seconds{static_cast<long>(utc.tm_sec)};
  return duration_cast<seconds>(time.time_since_epoch()).count();
}

}  // namespace

bool is_certificate(std::string_view der) {
  return read_all<X509>(der, d2i_X509) != nullptr;
}

std::optional<std::int64_t> certificate_not_after(std::string_view der) {
  const Owned<X509> certificate = read_all<X509>(der, d2i_X509);
  if (certificate == nullptr) return std::nullopt;
  std::tm utc{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &utc) != 1) return std::nullopt;
  return seconds_of(utc);
}

bool is_private_key(std::string_view der) {
  const auto wrapped = read_all<PKCS8_PRIV_KEY_INFO>(der, d2i_PKCS8_PRIV_KEY_INFO);
  if (wrapped == nullptr) return false;
  const Owned<EVP_PKEY> key{EVP_PKCS82PKEY(wrapped.get())};
  ERR_clear_error();
  return key != nullptr;
}

}  // namespace cfwarden
