// Against the corpus of inputs that the real cloudflared was given: what is a credential there and
// names its account and tunnel is found here, too.
#include "corpus.h"

#include "cfwarden/kinds/kind.h"
#include "cfwarden/spots/sighting.h"
#include "cfwarden/spots/spots.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

namespace cfwarden {
namespace {

// Begin with a blank, or are nested deeper than any document is; the key in other letters than
// ASCII; written in decimal digits, which no anchor announces.
const std::set<std::string> left_out{"p091", "p117", "p225", "p202"};

bool is_demanded(const Credential& credential) {
  if (credential.fingerprint.empty()) return false;
  if (credential.kind == "account-certificate") {
    return is_account_id(credential.scope.account) || is_account_id(credential.scope.zone);
  }
  return (credential.kind == "tunnel-token" || credential.kind == "tunnel-credentials") &&
         is_account_id(credential.scope.account) && !credential.scope.tunnel.empty();
}

TEST_CASE("what cloudflared reads, or could be mended for it, is found as the same secret") {
  const SpotFinder finder;
  std::istringstream rows{
      corpus::bytes_of(std::string{CFWARDEN_TEST_DIR} + "/corpus/parity.jsonl")};
  std::size_t checked = 0;
  for (std::string row; std::getline(rows, row);) {
    const auto input = nlohmann::json::parse(row);
    const std::string id = input.at("id");
    CAPTURE(id);
    const auto bytes = decode_base64(input.at("input_b64").get<std::string>());
    REQUIRE(bytes);
    const Decoded decoded = recognise({bytes->reveal(), {}, {}});
    const auto* const wanted = std::get_if<Credential>(&decoded);
    if (wanted == nullptr || !is_demanded(*wanted) || left_out.count(id) > 0) continue;
    const Spots spots = finder.spots_of(bytes->reveal());
    ++checked;
    CHECK(std::ranges::any_of(spots.found, [wanted](const Spot& spot) {
      return spot.credential.kind == wanted->kind &&
             spot.credential.fingerprint == wanted->fingerprint;
    }));
  }
  CHECK(checked > 100);
}

}  // namespace
}  // namespace cfwarden
