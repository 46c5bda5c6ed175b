#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cfwarden/base/base64.h"

#include <fstream>
#include <string>

namespace cfwarden {
namespace {

const std::string json = R"({"zoneID":"0f1e2d3c4b5a69788796a5b4c3d2e1f0",)"
                         R"("accountID":"00112233445566778899aabbccddeeff",)"
                         R"("apiToken":"INVENTED-api-token-of-no-account","endpoint":"FED"})";
const std::string old_json = R"({"zoneID":"0f1e2d3c4b5a69788796a5b4c3d2e1f0",)"
                             R"("accountID":"00112233445566778899aabbccddeeff",)"
                             R"("serviceKey":"v1.0-INVENTED-service-key"})";
constexpr std::string_view api_token = "INVENTED-api-token-of-no-account";
constexpr std::string_view service_key = "v1.0-INVENTED-service-key";

Decoded as_certificate(std::string_view bytes) {
  return decode_account_certificate({bytes, {}, {}});
}
Decoded found(std::string_view bytes) {
  return recognise({bytes, "cert.pem", {}});
}

// The invented private key and certificate of the corpus, up to its token block.
std::string key_and_certificate() {
  std::ifstream corpus{CFWARDEN_TEST_DIR "/corpus/parity.jsonl"};
  std::string line;
  while (std::getline(corpus, line)) {
    const auto row = nlohmann::json::parse(line);
    if (row["note"] != "key + cert + token (classic)") continue;
    const auto bytes = decode_base64(row["input_b64"].get<std::string>());
    const std::string_view text = bytes->reveal();
    return std::string{text.substr(0, text.find("-----BEGIN ARGO"))};
  }
  return {};
}

TEST_CASE("a certificate can manage the account, and its endpoint is lower-cased") {
  for (const Decoded& decoded : {as_certificate(pem_of("ARGO TUNNEL TOKEN", json)),
                                 found(pem_of("ARGO TUNNEL TOKEN", json))}) {
    const auto* certificate = std::get_if<Credential>(&decoded);
    REQUIRE(certificate);
    CHECK(certificate->kind == "account-certificate");
    CHECK(certificate->status == Status::usable);
    CHECK(certificate->authority == Authority::manage_account);
    CHECK(certificate->scope.account == "00112233445566778899aabbccddeeff");
    CHECK(certificate->scope.zone == "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    CHECK(certificate->scope.tunnel.empty());
    CHECK(certificate->scope.endpoint == "fed");
    CHECK(certificate->secret_bytes == api_token.size());
    CHECK(certificate->fingerprint == fingerprint_of(api_token));
    CHECK_FALSE(certificate->not_after);
  }
}

TEST_CASE("the end of validity comes from the X.509 block, where there is one") {
  const Decoded decoded = as_certificate(key_and_certificate() + pem_of("ARGO TUNNEL TOKEN", json));
  CHECK(std::get<Credential>(decoded).not_after == 2'110'668'590);
  const Decoded damaged =
      as_certificate(pem_of("CERTIFICATE", "no DER") + pem_of("ARGO TUNNEL TOKEN", json));
  CHECK(status_of(damaged) == Status::usable);
  CHECK_FALSE(std::get<Credential>(damaged).not_after);
}

TEST_CASE("a certificate without an account id needs to be refreshed") {
  const Decoded decoded =
      as_certificate(pem_of("ARGO TUNNEL TOKEN", R"({"zoneID":"z","apiToken":"INVENTED"})"));
  const auto* certificate = std::get_if<Credential>(&decoded);
  REQUIRE(certificate);
  CHECK(certificate->status == Status::incomplete);
  CHECK(certificate->reason == "no account id: it needs to be refreshed");
  CHECK(certificate->authority == Authority::manage_account);
}

TEST_CASE("what only 2022.10.3 accepts is legacy, and its secret is the service key") {
  const std::string both =
      R"({"zoneID":"z","serviceKey":"v1.0-INVENTED-service-key","apiToken":"x"})";
  const std::string cases[] = {
      key_and_certificate() + pem_of("ARGO TUNNEL TOKEN", old_json),
      key_and_certificate() + pem_of("WARP TOKEN", old_json),
      key_and_certificate() + pem_of("WARP TOKEN", both),
      key_and_certificate() + pem_of("ARGO TUNNEL TOKEN", "zone\nv1.0-INVENTED-service-key"),
      pem_of("WARP TOKEN", "zone\nv1.0-INVENTED-service-key") + key_and_certificate(),
      key_and_certificate() + pem_of("WARP TOKEN", "{}") + pem_of("WARP TOKEN", old_json),
  };
  for (const std::string& bytes : cases) {
    CAPTURE(bytes);
    const Decoded decoded = found(bytes);
    const auto* certificate = std::get_if<Credential>(&decoded);
    REQUIRE(certificate);
    CHECK(certificate->status == Status::legacy);
    CHECK(certificate->authority == Authority::manage_account);
    CHECK(certificate->fingerprint == fingerprint_of(service_key));
    CHECK(certificate->not_after == 2'110'668'590);
  }
}

TEST_CASE("without a key and a certificate that parse, an old token is damaged, not legacy") {
  const std::string token = pem_of("ARGO TUNNEL TOKEN", old_json);
  const std::string both = key_and_certificate();
  const std::string certificate = both.substr(both.find("-----BEGIN CERTIFICATE"));
  const std::string cases[] = {
      token,
      pem_of("WARP TOKEN", "zone\nv1.0-INVENTED-service-key"),
      certificate + token,
      pem_of("PRIVATE KEY", "no DER") + certificate + token,
      both + certificate + token,
      both + pem_of("EC PRIVATE KEY", "x") + token,
      both + token + token,
      both + pem_of("ARGO TUNNEL TOKEN", "a\nb\nc") + token,
  };
  for (const std::string& bytes : cases) {
    CAPTURE(bytes);
    const Decoded decoded = as_certificate(bytes);
    CHECK(status_of(decoded) == Status::damaged);
    CHECK(std::get<Credential>(decoded).fingerprint == fingerprint_of(service_key));
  }
}

TEST_CASE("a certificate that somebody could repair is damaged") {
  const std::string pem = pem_of("ARGO TUNNEL TOKEN", json);
  std::string indented = "cert.pem: |\n";
  std::string escaped = "\"";
  for (std::size_t i = 0, end = 0; i < pem.size(); i = end + 1) {
    end = pem.find('\n', i);
    indented += "    " + pem.substr(i, end - i) + "\n";
    escaped += pem.substr(i, end - i) + "\\n";
  }
  std::string one_line = pem;
  for (char& byte : one_line) byte = byte == '\n' ? ' ' : byte;
  const std::string cases[] = {
      indented,
      escaped + "\"",
      one_line,
      " " + pem,
      "\xef\xbb\xbf" + pem,
      pem.substr(0, pem.find('=')) + "\n-----END ARGO TUNNEL TOKEN-----\n",
      pem.substr(0, pem.find("-----END")),
      base64_of(pem),
      base64_of(base64_of(pem)).insert(64, "\n"),
      pem + pem,
      pem + pem_of("RSA PRIVATE KEY", "x"),
      pem_of("WARP TOKEN", json),
      pem_of("ARGO TUNNEL TOKEN", "\xef\xbb\xbf" + json),
      pem_of("ARGO TUNNEL TOKEN", R"({"zoneID":5,"apiToken":"INVENTED-api-token-of-no-account"})"),
      pem_of("ARGO TUNNEL TOKEN", R"({"apiToken":"INVENTED-api-token-of-no-account"})"),
      pem.substr(pem.find("eyJ")),
  };
  for (const std::string& bytes : cases) {
    CAPTURE(bytes);
    for (const Decoded& decoded : {as_certificate(bytes), found(bytes)}) {
      const auto* damaged = std::get_if<Credential>(&decoded);
      REQUIRE(damaged);
      CHECK(damaged->kind == "account-certificate");
      CHECK(damaged->status == Status::damaged);
      CHECK(damaged->authority == Authority::manage_account);
      CHECK(damaged->fingerprint == fingerprint_of(api_token));
    }
  }
}

TEST_CASE("some other cert.pem is not an account certificate") {
  for (const std::string& bytes :
       {key_and_certificate(), pem_of("CERTIFICATE", "x"), std::string{}, std::string{"hello"},
        pem_of("RSA PRIVATE KEY", "x"), base64_of(pem_of("CERTIFICATE", std::string(80, 'x')))}) {
    CAPTURE(bytes);
    CHECK(std::holds_alternative<NotThisKind>(found(bytes)));
    CHECK(std::holds_alternative<Malformed>(as_certificate(bytes)));
  }
}

TEST_CASE("a token block with nothing in it is rejected") {
  for (const std::string& bytes :
       {pem_of("ARGO TUNNEL TOKEN", "{}"), pem_of("ARGO TUNNEL TOKEN", "{oops"),
        pem_of("ARGO TUNNEL TOKEN", ""), pem_of("WARP TOKEN", "null")}) {
    CAPTURE(bytes);
    const Decoded decoded = found(bytes);
    const auto* malformed = std::get_if<Malformed>(&decoded);
    REQUIRE(malformed);
    CHECK(malformed->kind == "account-certificate");
    CHECK_FALSE(malformed->why.empty());
  }
}

}  // namespace
}  // namespace cfwarden
