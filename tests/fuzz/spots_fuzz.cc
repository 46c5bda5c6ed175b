// Any text: its spots lie inside of it, in order, each kind and fingerprint once. A secret and a
// shape chosen by the first bytes, any text around them: no byte of the secret is in what is told.
#include "cfwarden/spots/spots.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/carriers/context.h"
#include "cfwarden/spots/sighting.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>

using namespace cfwarden;

namespace {

constexpr std::string_view secret = "INVENTED/Xq7rB2mWk9TzLp4V/by-a-fuzzer";
constexpr std::string_view account = "9f3c0d5e7a1b2c4d6e8f90a1b2c3e1b0";
constexpr std::string_view tunnel = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string token() {
  return base64_of("{\"a\":\"" + std::string{account} + "\",\"t\":\"" + std::string{tunnel} +
                   "\",\"s\":\"" + base64_of(secret) + "\"}");
}

std::string shape(std::uint8_t number) {
  const std::string credentials = "{\"AccountTag\":\"" + std::string{account} +
                                  "\",\"TunnelSecret\":\"" + base64_of(secret) +
                                  "\",\"TunnelID\":\"" + std::string{tunnel} + "\"}";
  const std::array shapes{
      token(),
      base64_of(token()),
      credentials,
      base64_of(credentials),
      "tunnel_secret=" + base64_of(secret),
      "-----BEGIN ARGO TUNNEL TOKEN-----\n" +
          base64_of("{\"zoneID\":\"" + std::string{account} + "\",\"accountID\":\"" +
                    std::string{account} + "\",\"apiToken\":\"" + std::string{secret} + "\"}") +
          "\n-----END ARGO TUNNEL TOKEN-----\n"};
  return shapes[number % shapes.size()];
}

void demand_no_secret(std::string_view told) {
  const std::string encoded = base64_of(secret);
  for (const std::string_view form : {secret, std::string_view{encoded}}) {
    for (std::size_t at = 0; at + 8 <= form.size(); ++at) {
      demand(told.find(form.substr(at, 8)) == told.npos);
    }
  }
}

Spots checked(const SpotFinder& finder, std::string_view text) {
  Spots spots = finder.spots_of(text);
  std::set<std::pair<std::string, std::string>> known;
  std::size_t least = 0;
  for (const Spot& spot : spots.found) {
    demand(spot.offset >= least && spot.offset < text.size() && spot.line >= 1);
    demand(known.insert({spot.credential.kind, spot.credential.fingerprint}).second);
    least = spot.offset;
  }
  return spots;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SpotFinder finder;
  if (size < 2) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  (void)checked(finder, text);
  (void)context_of(text.substr(0, 64), text);
  (void)split_credentials(text, {});
  if (text.find("Xq7rB2mWk9TzLp4V") != text.npos) return 0;  // The fuzzer has learnt it.

  const std::size_t middle = data[1] * text.size() / 256;
  const std::string around = std::string{text.substr(0, middle)} + "\n" + shape(data[0]) + "\n" +
                             std::string{text.substr(middle)};
  for (const Spot& spot : checked(finder, around).found) {
    const Credential& credential = spot.credential;
    for (const std::string& told :
         {credential.kind, credential.reason, credential.scope.account, credential.scope.zone,
          credential.scope.tunnel, credential.scope.endpoint, credential.fingerprint}) {
      demand_no_secret(told);
    }
  }
  return 0;
}
