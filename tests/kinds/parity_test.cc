#include "cfwarden/kinds/kind.h"

#include "cfwarden/base/base64.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace cfwarden {
namespace {

using Json = nlohmann::json;

constexpr std::string_view nil_uuid = "00000000-0000-0000-0000-000000000000";

Decoded decoded_as(const std::string& kind, std::string_view bytes) {
  const Sample sample{.bytes = bytes, .file_name = {}, .hmac_key = {}};
  if (kind == "token") return decode_token(sample, Handover::value);
  if (kind == "token_file") return decode_token(sample, Handover::file);
  if (kind == "cred_json") return decode_tunnel_credentials(sample);
  return decode_account_certificate(sample);
}

bool is_accepted(const Credential* credential) {
  return credential != nullptr &&
         (credential->status == Status::usable || credential->status == Status::incomplete);
}

// The corpus names the nil UUID; our "" stands for it.
std::string tunnel_of(const Json& expected) {
  const std::string tunnel = expected.value("tunnel_id", "");
  return tunnel == nil_uuid ? "" : tunnel;
}

void check_accepted(const Json& expected, const std::string& kind, const Credential& credential) {
  CHECK(credential.scope.account == expected.value("account", ""));
  CHECK(credential.scope.tunnel == tunnel_of(expected));
  CHECK(credential.scope.zone == expected.value("zone", ""));
  CHECK(credential.scope.endpoint == expected.value("endpoint", ""));
  CHECK(credential.secret_bytes == expected.value("secret_len", std::size_t{0}));
  CHECK(credential.fingerprint.empty() == (credential.secret_bytes == 0));
  const bool whole = !credential.scope.account.empty() && credential.secret_bytes > 0 &&
                     (kind == "origin_cert" || !credential.scope.tunnel.empty());
  CHECK((credential.status == Status::usable) == whole);
  CHECK(credential.reason.empty() == whole);
  if (expected.contains("status")) CHECK((expected["status"] == "usable") == whole);
}

void check_row(const Json& row) {
  const auto bytes = decode_base64(row["input_b64"].get<std::string>());
  REQUIRE(bytes);
  const std::string kind = row["kind"];
  const Json& expected = row["expected"];
  const Decoded decoded = decoded_as(kind, bytes->reveal());
  REQUIRE_FALSE(std::holds_alternative<NotThisKind>(decoded));
  const auto* credential = std::get_if<Credential>(&decoded);
  CHECK(is_accepted(credential) == expected["accepted"].get<bool>());
  if (expected["accepted"].get<bool>() && credential != nullptr) {
    check_accepted(expected, kind, *credential);
  }
  if (!row.contains("expected_cert_2022_10_3")) return;
  const Json& old = row["expected_cert_2022_10_3"];
  const bool is_legacy = old["accepted"].get<bool>() && !expected["accepted"].get<bool>();
  CHECK((credential != nullptr && credential->status == Status::legacy) == is_legacy);
  if (!is_legacy || credential == nullptr) return;
  CHECK(credential->scope.account == old.value("account", ""));
  CHECK(credential->scope.zone == old.value("zone", ""));
  CHECK(credential->secret_bytes == old["service_key_len"].get<std::size_t>());
}

TEST_CASE("every input of the corpus gets the verdict of cloudflared 2026.8.2 and 2022.10.3") {
  std::ifstream corpus{CFWARDEN_TEST_DIR "/corpus/parity.jsonl"};
  std::string line;
  std::size_t rows = 0;
  while (std::getline(corpus, line)) {
    const Json row = Json::parse(line);
    const std::string id = row["id"];
    const std::string note = row["note"];
    CAPTURE(id);
    CAPTURE(note);
    check_row(row);
    ++rows;
  }
  CHECK(rows == 216);
}

}  // namespace
}  // namespace cfwarden
