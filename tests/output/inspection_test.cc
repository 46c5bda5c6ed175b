#include "cfwarden/output/inspection.h"

#include "golden.h"
#include "samples.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace cfwarden;
using nlohmann::ordered_json;

namespace {

std::string words(const Decoded& decoded, const Terminal& terminal = {}) {
  std::ostringstream out;
  write_inspection(decoded, terminal, out);
  return out.str();
}

ordered_json object(const Decoded& decoded) {
  std::ostringstream out;
  write_inspection_json(decoded, out);
  return ordered_json::parse(out.str());
}

Credential damaged_token() {
  Credential credential = samples::token();
  credential.status = Status::damaged;
  credential.reason = "base64 without its padding";
  credential.scope.endpoint = "fed";
  return credential;
}

Credential hostile_token() {
  Credential credential = samples::access_token();
  credential.scope = {.account = "\x1b[2Jaccount\nstatus: usable",
                      .zone = "z\xff",
                      .tunnel = "\u202Etunnel",
                      .endpoint = "\x7f\u009B"};
  credential.issuer = "https://evil.example/\nOK";
  return credential;
}

const Decoded rejected = Malformed{"tunnel-token", "illegal base64", 17};

}  // namespace

TEST_CASE("inspections read as they were agreed") {
  check_golden("inspect-certificate.txt", words(samples::certificate()));
  check_golden("inspect-damaged.txt", words(damaged_token()));
  check_golden("inspect-access-token.txt", words(samples::access_token()));
  check_golden("inspect-hostile.txt", words(hostile_token(), {.columns = 80}));
  check_golden("inspect-rejected.txt", words(rejected));
  check_golden("inspect-unknown.txt", words(NotThisKind{}));
}

TEST_CASE("the object has exactly its ten keys, whatever was decoded") {
  const std::vector<std::string> expected{"kind",        "status",   "reason",   "account",
                                          "zone",        "tunnel",   "endpoint", "secret_bytes",
                                          "fingerprint", "authority"};
  for (const Decoded& decoded : {Decoded{samples::certificate()}, Decoded{hostile_token()},
                                 Decoded{Credential{}}, rejected, Decoded{NotThisKind{}}}) {
    std::vector<std::string> keys;
    const ordered_json inspected = object(decoded);
    for (const auto& [key, value] : inspected.items()) keys.push_back(key);
    CHECK(keys == expected);
  }
}

TEST_CASE("what is unknown is null") {
  const auto certificate = object(samples::certificate());
  CHECK(certificate["tunnel"] == nullptr);
  CHECK(certificate["reason"] == nullptr);
  CHECK(certificate["secret_bytes"] == 40);
  CHECK(certificate["authority"] == "manage-account");
  Credential empty_secret = samples::token();
  empty_secret.secret_bytes = 0;
  empty_secret.fingerprint = "";
  CHECK(object(empty_secret)["secret_bytes"] == 0);
  CHECK(object(empty_secret)["fingerprint"] == nullptr);
}

TEST_CASE("what cloudflared refuses is rejected, with the reason and the byte") {
  CHECK(object(rejected)["kind"] == "tunnel-token");
  CHECK(object(rejected)["status"] == "rejected");
  CHECK(object(rejected)["reason"] == "illegal base64 (at byte 17)");
  CHECK(object(NotThisKind{})["kind"] == nullptr);
  CHECK(object(NotThisKind{})["reason"] == "not a Cloudflare Tunnel credential");
}

TEST_CASE("a credential's own text forges nothing") {
  std::ostringstream json;
  write_inspection_json(hostile_token(), json);
  for (const std::string& text : {words(hostile_token()), json.str()}) {
    for (const char byte : text) {
      const auto code = static_cast<unsigned char>(byte);
      CHECK((code == '\n' || (code >= 0x20 && code != 0x7f)));
    }
    for (const char* hidden : {"\u202E", "\u009B", "\nstatus", "\nOK"}) {
      CHECK(text.find(hidden) == std::string::npos);
    }
  }
}
