#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

std::string jwt(std::string_view claims, std::string_view header = R"({"alg":"RS256"})") {
  return base64url_of(header) + "." + base64url_of(claims) + "." +
         base64url_of("invented signature");
}

constexpr std::string_view app_claims =
    R"({"aud":["invented-audience","other"],"email":"a@example.com","exp":1767225600,)"
    R"("iss":"https://acme.cloudflareaccess.com","type":"app"})";
constexpr std::string_view org_claims =
    R"({"aud":"invented-audience","exp":1767225600.5,"iss":"https://acme.cloudflareaccess.com",)"
    R"("type":"org"})";

Decoded found(std::string_view bytes, std::string_view file_name = {}) {
  return recognise({bytes, file_name, {}});
}

TEST_CASE("an application token says who issued it, for what, until when") {
  const std::string token = jwt(app_claims);
  const Decoded decoded = found(token + "\n");
  const auto* access = std::get_if<Credential>(&decoded);
  REQUIRE(access);
  CHECK(access->kind == "access-token");
  CHECK(access->status == Status::usable);
  CHECK(access->authority == Authority::call_application);
  CHECK(access->issuer == "https://acme.cloudflareaccess.com");
  CHECK(access->audience_claim == "invented-audience");
  CHECK(access->expires == 1'767'225'600);
  CHECK(access->fingerprint == fingerprint_of(token));
}

TEST_CASE("an organisation token, by its type or its name, acts as the user") {
  const Decoded by_type = found(jwt(org_claims));
  CHECK(std::get<Credential>(by_type).authority == Authority::act_as_user);
  CHECK(std::get<Credential>(by_type).audience_claim == "invented-audience");
  CHECK(std::get<Credential>(by_type).expires == 1'767'225'600);
  const Decoded by_name = found(jwt(app_claims), "acme.cloudflareaccess.com-org-token");
  CHECK(std::get<Credential>(by_name).authority == Authority::act_as_user);
}

TEST_CASE(
    "a JWT of another issuer is an access token only under a name of cloudflared's own form") {
  const std::string token = jwt(R"({"iss":"https://sso.example.com"})");
  const std::string audience = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
  for (const std::string& name :
       {"app.example.com-" + audience + "-token", "app.example.com-path-" + audience + "-token",
        std::string{"acme.cloudflareaccess.com-org-token"},
        std::string{"acme.fed.cloudflareaccess.com-org-token"}}) {
    CAPTURE(name);
    CHECK(status_of(found(token, name)) == Status::usable);
  }
  for (const std::string& name :
       {std::string{}, std::string{"jwt.txt"}, std::string{"istio-token"}, std::string{"-token"},
        std::string{"app.example.com-abc-token"}, audience + "-token", "-" + audience + "-token",
        "istio-" + audience + "-token", "app.example.com-" + audience.substr(1) + "-token",
        "app.example.com" + audience + "-token", std::string{"org-token"},
        std::string{".cloudflareaccess.com-org-token"}, std::string{"acme.example.com-org-token"},
        std::string{"acmecloudflareaccess.com-org-token"}}) {
    CAPTURE(name);
    CHECK(std::holds_alternative<NotThisKind>(found(token, name)));
  }
}

TEST_CASE("a token that Kubernetes issued to a service account is none of Cloudflare's") {
  const std::string token =
      jwt(R"({"iss":"https://kubernetes.default.svc","aud":["istio-ca"],"exp":1767225600})");
  CHECK(std::holds_alternative<NotThisKind>(found(token, "istio-token")));
}

TEST_CASE("a team of the FedRAMP network issues access tokens too") {
  CHECK(status_of(found(jwt(R"({"iss":"https://acme.fed.cloudflareaccess.com"})"))) ==
        Status::usable);
}

TEST_CASE("an issuer must be a team's own https address") {
  for (const std::string_view issuer :
       {"http://acme.cloudflareaccess.com", "https://.cloudflareaccess.com",
        "https://acme.cloudflareaccess.com.evil.example", "acme.cloudflareaccess.com",
        "https://evil.example/.cloudflareaccess.com", "https://evil.example?a.cloudflareaccess.com",
        "https://user@a.cloudflareaccess.com"}) {
    CAPTURE(issuer);
    CHECK(std::holds_alternative<NotThisKind>(
        found(jwt(R"({"iss":")" + std::string{issuer} + "\"}"))));
  }
}

TEST_CASE("what is no JWT is no access token, whatever its name") {
  const std::string token = jwt(app_claims);
  for (const std::string& bytes :
       {std::string{}, std::string{"hello"}, std::string{"a.b"}, std::string{"a.b.c"},
        token.substr(0, token.rfind('.')), token + ".x", jwt(app_claims, "{}"),
        jwt(app_claims, R"({"alg":5})"), jwt("[]"), jwt("{"), "Bearer " + token}) {
    CAPTURE(bytes);
    CHECK(std::holds_alternative<NotThisKind>(found(bytes, "app.example.com-token")));
  }
}

TEST_CASE("an expiry that is no time is unknown") {
  for (const std::string_view value : {"1e300", "\"soon\"", "null", "-1e18", "1e999"}) {
    CAPTURE(value);
    const Decoded decoded =
        found(jwt(R"({"iss":"https://a.cloudflareaccess.com","exp":)" + std::string{value} + "}"));
    CHECK_FALSE(std::get<Credential>(decoded).expires);
  }
}

TEST_CASE("an unsigned token is incomplete and a quoted one damaged") {
  const std::string token = jwt(app_claims);
  CHECK(status_of(found(token.substr(0, token.rfind('.') + 1))) == Status::incomplete);
  CHECK(status_of(found("\"" + token + "\"")) == Status::damaged);
}

}  // namespace
}  // namespace cfwarden
