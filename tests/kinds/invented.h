// Invented credentials for the tests of this floor.
#pragma once

#include "cfwarden/base/base64.h"
#include "cfwarden/base/fingerprint.h"
#include "cfwarden/kinds/kind.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace cfwarden {

inline std::string base64url_of(std::string_view bytes) {
  std::string text = base64_of(bytes);
  text.resize(std::min(text.find('='), text.size()));
  for (char& letter : text) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
  return text;
}

inline std::string pem_of(std::string_view type, std::string_view bytes) {
  const std::string name{type};
  return "-----BEGIN " + name + "-----\n" + base64_of(bytes) + "\n-----END " + name + "-----\n";
}

inline std::string fingerprint_of(std::string_view secret) {
  return fingerprint(secret, {});
}

inline Status status_of(const Decoded& decoded) {
  const auto* credential = std::get_if<Credential>(&decoded);
  REQUIRE(credential);
  return credential->status;
}

}  // namespace cfwarden
