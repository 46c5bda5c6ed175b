#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

const std::string id = "0123456789abcdef0123456789abcdef.access";
const std::string secret = "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff";

TEST_CASE("an id and a secret are a service token, however they are written down") {
  const std::string cases[] = {
      id + "\n" + secret,
      R"({"client_id":")" + id + R"(","client_secret":")" + secret + "\"}",
      R"({"result":{"client_secret":")" + secret + R"(","client_id":")" + id + "\"}}",
      "CF-Access-Client-Id: " + id + "\r\nCF-Access-Client-Secret: " + secret + "\r\n",
      "TUNNEL_SERVICE_TOKEN_ID=" + id + "\nTUNNEL_SERVICE_TOKEN_SECRET=\"" + secret + "\"\n",
  };
  for (const std::string& bytes : cases) {
    CAPTURE(bytes);
    const Decoded decoded = recognise({bytes, {}, {}});
    const auto* token = std::get_if<Credential>(&decoded);
    REQUIRE(token);
    CHECK(token->kind == "access-service-token");
    CHECK(token->status == Status::usable);
    CHECK(token->authority == Authority::call_application);
    CHECK(token->fingerprint == fingerprint_of(secret));
    CHECK(token->secret_bytes == 64U);
  }
}

TEST_CASE("an id or a secret alone, or of another length, is no service token") {
  for (const std::string& bytes :
       {id, secret, id + "\n", id + "\n" + secret + "0", id + "\n" + secret.substr(1),
        id + "es\n" + secret, "0" + id + "\n" + secret, "g" + id.substr(1) + "\n" + secret,
        id.substr(0, 32) + "\n" + secret}) {
    CAPTURE(bytes);
    CHECK(std::holds_alternative<NotThisKind>(recognise({bytes, {}, {}})));
  }
}

}  // namespace
}  // namespace cfwarden
