#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

constexpr std::string_view account = "00112233445566778899aabbccddeeff";
constexpr std::string_view tunnel = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
const std::string secret = "INVENTED/tunnel-secret/of-the-tests";

TEST_CASE("a tunnel's secret beside both ids is tunnel credentials") {
  const Decoded decoded = decode_tunnel_secret({base64_of(secret), account, tunnel, {}});
  const auto* found = std::get_if<Credential>(&decoded);
  REQUIRE(found);
  CHECK(found->kind == "tunnel-credentials");
  CHECK(found->status == Status::usable);
  CHECK(found->scope.account == account);
  CHECK(found->scope.tunnel == tunnel);
  CHECK(found->fingerprint == fingerprint_of(secret));
}

TEST_CASE("a tunnel's secret without an id is incomplete, and the reason names what is missing") {
  struct Case {
    std::string_view account;
    std::string_view tunnel;
    std::string_view reason;
  };
  constexpr Case cases[] = {
      {"", "", "no account id and no tunnel id"},
      {account, "", "no tunnel id"},
      {"", tunnel, "no account id"},
      {account, "00000000-0000-0000-0000-000000000000", "no tunnel id"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.reason);
    const Decoded decoded = decode_tunnel_secret({base64_of(secret), c.account, c.tunnel, {}});
    const auto* found = std::get_if<Credential>(&decoded);
    REQUIRE(found);
    CHECK(found->kind == "tunnel-secret");
    CHECK(found->status == Status::incomplete);
    CHECK(found->reason == c.reason);
    CHECK(found->authority == Authority::run_tunnel);
  }
}

TEST_CASE("what stands where a tunnel's secret belongs, but is none, is not taken for one") {
  const std::string too_short = base64_of(secret.substr(0, 31));
  const std::string too_long = base64_of(std::string(8, 'x') + secret + std::string(300, 'Q'));
  const std::string_view texts[] = {"",
                                    "YOUR_TUNNEL_SECRET_GOES_HERE_INSTEAD_OF_THIS",
                                    "yourVeryLongSecretFromCloudflareHere",
                                    "base64EncodedTunnelSecretOfAtLeast32BytesLength",
                                    "${TUNNEL_SECRET}",
                                    "PUT_SOMETHING_LONG_HERE_THAT_NOBODY_KNOWS_01",
                                    "ENC[AES256_GCM,data:SU5WRU5URUQvU0VDUkVU,tag:x]",
                                    too_short,
                                    too_long};
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(std::holds_alternative<NotThisKind>(decode_tunnel_secret({text, {}, {}, {}})));
  }
  CHECK(std::holds_alternative<Credential>(decode_tunnel_secret({too_short, account, tunnel, {}})));
}

TEST_CASE("a tunnel's secret may be hex digits, which are base64 too") {
  const std::string digits = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  CHECK(std::holds_alternative<Credential>(decode_tunnel_secret({digits, {}, {}, {}})));
}

TEST_CASE("the example secret of Cloudflare's documentation is one, and known for it") {
  const Decoded decoded =
      decode_tunnel_secret({"AQIDBAUGBwgBAgMEBQYHCAECAwQFBgcIAQIDBAUGBwg=", {}, {}, {}});
  REQUIRE(std::holds_alternative<Credential>(decoded));
  CHECK(std::get<Credential>(decoded).secret_quality == SecretQuality::published);
}

}  // namespace
}  // namespace cfwarden
