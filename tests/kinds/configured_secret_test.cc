#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

Decoded as_configured(std::string_view text) {
  return decode_configured_secret({text, {}, {}});
}

TEST_CASE("a text under a secret's key is a secret of the length it has") {
  for (const std::string_view text :
       {"0123456789abcdef", "INVENTED/key+of/letters+only", "your-invented-key-of-1999",
        "ZXhhbXBsZSBpbnZlbnRlZCBrZXk="}) {
    CAPTURE(text);
    const Decoded decoded = as_configured(text);
    const auto* secret = std::get_if<Credential>(&decoded);
    REQUIRE(secret);
    CHECK(secret->kind == "configured-secret");
    CHECK(secret->status == Status::usable);
    CHECK(secret->reason.empty());
    CHECK(secret->authority == Authority::call_application);
    CHECK(secret->scope.account.empty());
    CHECK(secret->fingerprint == fingerprint_of(text));
    CHECK(secret->secret_bytes == text.size());
  }
}

TEST_CASE("what only holds the place of a secret is none") {
  for (const std::string_view text :
       {"", "short", "YOUR_API_KEY", "YOUR_CLOUDFLARE_API_KEY", "<insert-the-key-here>",
        "${CLOUDFLARE_API_KEY}", "$CLOUDFLARE_API_KEY", "{{ cloudflare_api_key }}",
        "{{cloudflare_api_key}}", "xxxxxxxxxxxxxxxxxxxx", "****************", "xxxx-xxxx-xxxx-xxxx",
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "change-me-please-now",
        "replace_with_your_key", "sixteen letters and blanks", "a\ttab/0123456789abc"}) {
    CAPTURE(text);
    CHECK(std::holds_alternative<NotThisKind>(as_configured(text)));
  }
}

TEST_CASE("without its key such a secret is nothing to be told from other text") {
  const std::string text = "0123456789abcdef0123456789abcdef01234567";
  CHECK(std::holds_alternative<NotThisKind>(recognise({text, {}, {}})));
  CHECK(std::holds_alternative<NotThisKind>(recognise({text, "notes.txt", {}})));
}

TEST_CASE("a secret over the cap is none") {
  CHECK(std::holds_alternative<NotThisKind>(
      as_configured(std::string(max_credential_bytes, 'a') + "b")));
}

}  // namespace
}  // namespace cfwarden
