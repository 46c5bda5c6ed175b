#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

const std::string json = R"({"AccountTag":"00112233445566778899aabbccddeeff",)"
                         R"("TunnelSecret":"VEhJUyBpcyBhbiBpbnZlbnRlZCBzZWNyZXQsIG5vIG9uZSdz",)"
                         R"("TunnelID":"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d","Endpoint":"FED"})";
constexpr std::string_view secret = "THIS is an invented secret, no one's";

Decoded as_credentials(std::string_view bytes) {
  return decode_tunnel_credentials({bytes, {}, {}});
}
Decoded found(std::string_view bytes) {
  return recognise({bytes, {}, {}});
}

std::string decimal_list_of(std::string_view text) {
  std::string list = "[";
  for (const char byte : text) {
    list += (list.size() > 1 ? " " : "") + std::to_string(static_cast<unsigned char>(byte));
  }
  return list + "]";
}

TEST_CASE("a credentials file names its account and tunnel, its endpoint as it stands") {
  for (const Decoded& decoded : {as_credentials(json), found(json)}) {
    const auto* file = std::get_if<Credential>(&decoded);
    REQUIRE(file);
    CHECK(file->kind == "tunnel-credentials");
    CHECK(file->status == Status::usable);
    CHECK(file->authority == Authority::run_tunnel);
    CHECK(file->scope.account == "00112233445566778899aabbccddeeff");
    CHECK(file->scope.tunnel == "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d");
    CHECK(file->scope.endpoint == "FED");
    CHECK(file->fingerprint == fingerprint_of(secret));
    CHECK(file->secret_bytes == secret.size());
  }
}

TEST_CASE("the form of 2020.6.5 has no tunnel id and is incomplete") {
  const Decoded decoded = as_credentials(R"({"AccountTag":"x","TunnelSecret":"AQID"})");
  CHECK(status_of(decoded) == Status::incomplete);
  CHECK(std::get<Credential>(decoded).reason == "no tunnel id");
}

TEST_CASE("the decimal list of 2020.6.4 is damaged: nothing reads it, but everybody could") {
  for (const std::string& bytes : {decimal_list_of(json), decimal_list_of(json) + "\n"}) {
    const Decoded decoded = as_credentials(bytes);
    CHECK(status_of(decoded) == Status::damaged);
    CHECK(std::get<Credential>(decoded).fingerprint == fingerprint_of(secret));
    CHECK(std::get<Credential>(decoded).scope.tunnel == "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d");
  }
  for (const std::string_view list : {"[123 34 65]", "[1 2 999]", "[]", "[1,2,3", "[x]"}) {
    CAPTURE(list);
    CHECK(std::holds_alternative<Malformed>(as_credentials(list)));
    CHECK(std::holds_alternative<NotThisKind>(found(list)));
  }
}

TEST_CASE("credentials that somebody could repair are damaged") {
  std::string escaped = "\"";
  for (const char byte : json) escaped += byte == '"' ? "\\\"" : std::string{byte};
  escaped += "\"";
  const std::string cases[] = {
      "\xef\xbb\xbf" + json,
      json + "\n}",
      json + std::string(1, '\0'),
      "// our tunnel\n" + json,
      "cat > \"${FILE}\" <<EOF\n" + json + "\nEOF\n",
      json.substr(0, json.size() - 1) + ",}",
      escaped,
      base64_of(json),
      "credentials.json: " + base64_of(json) + "\n",
      R"({"AccountTag":"00112233445566778899aabbccddeeff","TunnelID":"web",)"
      R"("TunnelSecret":"VEhJUyBpcyBhbiBpbnZlbnRlZCBzZWNyZXQsIG5vIG9uZSdz"})",
      R"({"AccountTag":"00112233445566778899aabbccddeeff",)"
      R"("TunnelSecret":" VEhJUyBpcyBhbiBpbnZlbnRlZCBzZWNyZXQsIG5vIG9uZSdz"})",
  };
  for (const std::string& bytes : cases) {
    CAPTURE(bytes);
    for (const Decoded& decoded : {as_credentials(bytes), found(bytes)}) {
      const auto* damaged = std::get_if<Credential>(&decoded);
      REQUIRE(damaged);
      CHECK(damaged->kind == "tunnel-credentials");
      CHECK(damaged->status == Status::damaged);
      CHECK(damaged->scope.account == "00112233445566778899aabbccddeeff");
      CHECK(damaged->fingerprint == fingerprint_of(secret));
    }
  }
}

TEST_CASE("credentials inside another object are recognised, though cloudflared sees none in it") {
  const std::string wrapped = R"({"result":{"credentials_file":)" + json + "}}";
  CHECK(status_of(as_credentials(wrapped)) == Status::incomplete);
  CHECK(status_of(found(wrapped)) == Status::damaged);
  const Decoded decoded = found(wrapped);
  CHECK(std::get<Credential>(decoded).fingerprint == fingerprint_of(secret));
}

TEST_CASE("a tunnel's id alone is not a credential, unless the file's name says so") {
  const std::string id = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
  const std::string texts[] = {
      R"({"tunnelid":")" + id + "\"}",
      R"({"TunnelID":")" + id + R"(","TunnelSecret":""})",
      R"({"TunnelID":")" + id + R"(","TunnelSecret":null,"replicas":2})",
      R"({"TunnelID":")" + id + R"(","TunnelSecret":[]})",
      R"({"AccountTag":"00112233445566778899aabbccddeeff"})",
      R"({"TunnelID":5})",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    for (const std::string_view name : {"", "dashboard.json", "package.json"}) {
      CAPTURE(name);
      CHECK(std::holds_alternative<NotThisKind>(recognise({text, name, {}})));
    }
    CHECK_FALSE(std::holds_alternative<NotThisKind>(recognise({text, id + ".json", {}})));
  }
}

TEST_CASE("a secret, or an account with its tunnel, is enough under any name") {
  CHECK(status_of(found(R"({"TunnelSecret":"AQID"})")) == Status::incomplete);
  CHECK(
      status_of(found(R"({"AccountTag":"x","TunnelID":"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"})")) ==
      Status::incomplete);
  CHECK(std::holds_alternative<Malformed>(found(R"({"TunnelSecret":"no base64"})")));
}

TEST_CASE("other programs' JSON is not a credential, though cloudflared would parse it") {
  for (const std::string_view text :
       {"{}", "null", "[]", "{\"name\":\"left-pad\",\"version\":\"1.0.0\"}",
        "{\"result\":{\"id\":1}}", "", "x", "{\"account_tag\":\"x\"}", "{\"accounttag\":null}"}) {
    CAPTURE(text);
    CHECK(std::holds_alternative<NotThisKind>(found(text)));
  }
  CHECK(status_of(as_credentials("{}")) == Status::incomplete);
}

TEST_CASE("what cannot be recovered is rejected, and the reason quotes nothing of it") {
  const Decoded decoded = as_credentials(R"({"AccountTag":"redacted","TunnelSecret":"redacted")"
                                         R"(,"TunnelID":"redacted"} trailing)");
  const auto* malformed = std::get_if<Malformed>(&decoded);
  REQUIRE(malformed);
  CHECK(malformed->kind == "tunnel-credentials");
  CHECK(malformed->why == "the JSON is not valid");
  CHECK(malformed->offset == 74U);
  CHECK(std::holds_alternative<Malformed>(as_credentials("")));
  CHECK(std::holds_alternative<Malformed>(as_credentials(std::string(65'537, ' '))));
}

}  // namespace
}  // namespace cfwarden
