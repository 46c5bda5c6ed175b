#include "cfwarden/kinds/embedded.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cfwarden {
namespace {

using Lines = std::vector<std::string>;

const std::string account = "00112233445566778899aabbccddeeff";
const std::string tunnel = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

std::string secret_of(std::string_view name) {
  return "invented secret of " + std::string{name} + ", 32 bytes";
}
std::string token_of(std::string_view name) {
  return base64_of("{\"a\":\"" + account + "\",\"t\":\"" + tunnel + "\",\"s\":\"" +
                   base64_of(secret_of(name)) + "\"}");
}
std::string json_of(std::string_view name) {
  return "{\"AccountTag\":\"" + account + "\",\"TunnelSecret\":\"" + base64_of(secret_of(name)) +
         "\",\"TunnelID\":\"" + tunnel + "\"}";
}
std::string pem_of_token(std::string_view name) {
  return pem_of("ARGO TUNNEL TOKEN", "{\"zoneID\":\"" + account + "\",\"accountID\":\"" + account +
                                         "\",\"apiToken\":\"" + secret_of(name) + "\"}");
}

// "line kind name", for the names whose secret it is.
Lines found(std::string_view text, std::size_t most = 32) {
  Lines lines;
  for (const EmbeddedCredential& one :
       embedded_credentials({.bytes = text, .file_name = {}, .hmac_key = {}}, most).found) {
    std::string name = "unknown";
    for (const std::string candidate : {"one", "two", "three", "four"}) {
      if (one.credential.fingerprint == fingerprint_of(secret_of(candidate))) name = candidate;
    }
    lines.push_back(std::to_string(one.line) + " " + one.credential.kind + " " + name);
  }
  return lines;
}

TEST_CASE("every token run of a text is found, with its line") {
  CHECK(found(token_of("one") + "\n" + token_of("two") + "\n") ==
        Lines{"1 tunnel-token one", "2 tunnel-token two"});
  CHECK(found("#!/bin/sh\ncloudflared tunnel run --token " + token_of("one") + " &\n\nTOKEN='" +
              token_of("two") + "'\n") == Lines{"2 tunnel-token one", "4 tunnel-token two"});
  CHECK(found("token: " + base64_of(token_of("one")) + "\n") == Lines{"1 tunnel-token one"});
}

TEST_CASE("every credentials object of a text is found, with its line") {
  CHECK(found("[" + json_of("one") + ",\n" + json_of("two") + "]") ==
        Lines{"1 tunnel-credentials one", "2 tunnel-credentials two"});
  CHECK(found("{\"x\":{\"TunnelSecret\":\"\"},\n\"y\":" + json_of("one") + "}") ==
        Lines{"2 tunnel-credentials one"});
  CHECK(found("a: b\nc: " + base64_of(json_of("one")) + "\n") == Lines{"2 tunnel-credentials one"});
}

TEST_CASE("every token block of a text is found, whatever stands between them") {
  const std::string key = pem_of("PRIVATE KEY", "invented");
  CHECK(found(key + pem_of_token("one") + key + pem_of_token("two")) ==
        Lines{"4 account-certificate one", "10 account-certificate two"});
  CHECK(found("x\ny: " + base64_of(pem_of_token("one")) + "\n") ==
        Lines{"2 account-certificate one"});
}

TEST_CASE("an answer of the API holds its tunnel's secret twice, in two kinds") {
  CHECK(found("{\"result\":{\n\"credentials_file\":" + json_of("one") + ",\n\"token\":\"" +
              token_of("one") + "\"}}") == Lines{"2 tunnel-credentials one", "3 tunnel-token one"});
}

TEST_CASE("kinds are found beside each other, in the order of the text") {
  const std::string id = account + ".access";
  CHECK(found(json_of("one") + "\n" + pem_of_token("two") + token_of("three") + "\n" + id + " " +
              std::string(60, 'a') + "beef\n") ==
        Lines{"1 tunnel-credentials one", "2 account-certificate two", "5 tunnel-token three",
              "6 access-service-token unknown"});
}

TEST_CASE("the same secret in the same form is found once") {
  CHECK(found(token_of("one") + "\n" + token_of("one") + "\n" + json_of("one") + json_of("one")) ==
        Lines{"1 tunnel-token one", "3 tunnel-credentials one"});
}

TEST_CASE("lines are those of the file, also where the text of it is escaped or in UTF-16") {
  std::string escaped;
  for (const char byte : json_of("one")) escaped += byte == '"' ? "\\\"" : std::string{byte};
  CHECK(found("a\\nb\\nc\n\"" + escaped + "\"\n" + token_of("two")) ==
        Lines{"2 tunnel-credentials one", "3 tunnel-token two"});
  std::string wide = "\xff\xfe";
  for (const char byte : "x\n" + token_of("one")) wide += {byte, '\0'};
  CHECK(found(wide) == Lines{"2 tunnel-token one"});
}

TEST_CASE("what is found is damaged, and says that other text stands around it") {
  const auto all = embedded_credentials(
      {token_of("one") + "\n" + json_of("two") + "\n" + pem_of_token("three"), {}, {}}, 32);
  REQUIRE(all.found.size() == 3);
  for (const EmbeddedCredential& one : all.found) {
    CHECK(one.credential.status == Status::damaged);
    CHECK(one.credential.reason == "cloudflared refuses it: other text stands around it");
    CHECK(one.credential.scope.account == account);
  }
}

TEST_CASE("no more are given than asked for, and that there are more is said") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += token_of(std::to_string(i)) + "\n";
  const auto some = embedded_credentials({text, {}, {}}, 32);
  CHECK(some.found.size() == 32);
  CHECK(some.more);
  const auto enough = embedded_credentials({text, {}, {}}, 40);
  CHECK(enough.found.size() == 40);
  CHECK_FALSE(enough.more);
}

TEST_CASE("a text without credentials holds none, and one over the cap is not searched") {
  for (const std::string& text : {std::string{}, std::string{"hello"}, json_of("one").substr(0, 60),
                                  pem_of("CERTIFICATE", "invented"), token_of("one").substr(0, 99),
                                  std::string(max_credential_bytes, ' ') + token_of("one")}) {
    CHECK(found(text).empty());
  }
}

// A search that is not linear in its input hangs here.
TEST_CASE("a search ends on what is made to take long, up to the cap") {
  for (const std::string_view part :
       {"TunnelSecret", "{\"TunnelSecret\":", "{TunnelSecret{", "-BEGIN ", "{", "eyJ", "ZX",
        "-----BEGIN ARGO TUNNEL TOKEN-----\nAAAA\n-----END ARGO TUNNEL TOKEN-----\n", "LS0t\n",
        "\\u0041", "0123456789abcdef.access ", "{\"TunnelSecret\":\"AQID\",\"AccountTag\":"}) {
    CAPTURE(part);
    std::string text;
    while (text.size() + part.size() <= max_credential_bytes) text += part;
    CHECK(found(text).empty());
  }
}

}  // namespace
}  // namespace cfwarden
