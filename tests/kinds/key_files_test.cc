#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

TEST_CASE("a private key under the name cloudflared gives it is an SSH key") {
  for (const std::string_view type :
       {"EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "RSA PRIVATE KEY"}) {
    CAPTURE(type);
    const Decoded decoded = recognise({pem_of(type, "invented key"), "ssh.example.com-cf_key", {}});
    const auto* key = std::get_if<Credential>(&decoded);
    REQUIRE(key);
    CHECK(key->kind == "ssh-key");
    CHECK(key->status == Status::usable);
    CHECK(key->authority == Authority::act_as_user);
    CHECK(key->fingerprint == fingerprint_of("invented key"));
  }
}

TEST_CASE("an SSH key that is only indented is damaged") {
  const Decoded decoded =
      recognise({" " + pem_of("EC PRIVATE KEY", "invented key"), "a-cf_key", {}});
  CHECK(status_of(decoded) == Status::damaged);
}

TEST_CASE("other keys, and other contents under that name, are not ours") {
  CHECK(std::holds_alternative<NotThisKind>(
      recognise({pem_of("EC PRIVATE KEY", "invented key"), "id_ecdsa", {}})));
  CHECK(std::holds_alternative<NotThisKind>(
      recognise({pem_of("PUBLIC KEY", "invented key"), "a-cf_key", {}})));
  CHECK(std::holds_alternative<NotThisKind>(recognise({"", "a-cf_key", {}})));
}

TEST_CASE("a planted key is known by its name or its block, and opens nothing by itself") {
  const std::string_view cases[][2] = {{"cloudflared_priv.pem", "BOX PRIVATE KEY"},
                                       {"cloudflared_priv.pem", "PRIVATE KEY"},
                                       {"priv.pem", "BOX PRIVATE KEY"}};
  for (const auto& row : cases) {
    const std::string_view name = row[0];
    const std::string_view type = row[1];
    CAPTURE(name);
    const Decoded decoded = recognise({pem_of(type, "invented box key"), name, {}});
    const auto* key = std::get_if<Credential>(&decoded);
    REQUIRE(key);
    CHECK(key->kind == "planted-key-pair");
    CHECK(key->authority == Authority::none);
    CHECK(key->secret_bytes == 16U);
  }
  CHECK(std::holds_alternative<NotThisKind>(recognise({"x", "cloudflared_priv.pem", {}})));
  CHECK(std::holds_alternative<NotThisKind>(
      recognise({pem_of("PRIVATE KEY", "invented"), "priv.pem", {}})));
}

}  // namespace
}  // namespace cfwarden
