#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

const std::string json = R"({"a":"00112233445566778899aabbccddeeff",)"
                         R"("s":"VEhJUyBpcyBhbiBpbnZlbnRlZCBzZWNyZXQsIG5vIG9uZSdz",)"
                         R"("t":"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d","e":"Fed"})";
constexpr std::string_view secret = "THIS is an invented secret, no one's";

Decoded as_value(std::string_view bytes) {
  return decode_token({bytes, {}, {}}, Handover::value);
}
Decoded as_file(std::string_view bytes) {
  return decode_token({bytes, {}, {}}, Handover::file);
}
Decoded found(std::string_view bytes) {
  return recognise({bytes, {}, {}});
}

TEST_CASE("a token names its account, tunnel and endpoint, and never shows its secret") {
  const Decoded decoded = as_value(base64_of(json));
  const auto* token = std::get_if<Credential>(&decoded);
  REQUIRE(token);
  CHECK(token->kind == "tunnel-token");
  CHECK(token->status == Status::usable);
  CHECK(token->reason.empty());
  CHECK(token->authority == Authority::run_tunnel);
  CHECK(token->scope.account == "00112233445566778899aabbccddeeff");
  CHECK(token->scope.tunnel == "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d");
  CHECK(token->scope.endpoint == "Fed");
  CHECK(token->secret_bytes == secret.size());
  CHECK(token->secret_quality == SecretQuality::ordinary);
  CHECK(token->fingerprint == fingerprint_of(secret));
}

TEST_CASE("the same secret has the same fingerprint in a token and in a credentials file") {
  const Decoded file = decode_tunnel_credentials(
      {R"({"TunnelSecret":"VEhJUyBpcyBhbiBpbnZlbnRlZCBzZWNyZXQsIG5vIG9uZSdz"})", {}, {}});
  const Decoded token = as_value(base64_of(json));
  CHECK(std::get<Credential>(file).fingerprint == std::get<Credential>(token).fingerprint);
}

TEST_CASE("a token file is trimmed of Unicode white space, a value is not") {
  const std::string spaced = "\xc2\xa0" + base64_of(json) + " \n";
  CHECK(status_of(as_file(spaced)) == Status::usable);
  CHECK(status_of(as_value(spaced)) == Status::damaged);
  CHECK(status_of(as_value(base64_of(json) + "\r\n")) == Status::usable);
}

TEST_CASE("an empty token is one that cloudflared treats as unset") {
  for (const Decoded& decoded : {as_value(""), as_file(""), as_file(" \n\xe3\x80\x80")}) {
    CHECK(std::get<Malformed>(decoded).why == "empty: cloudflared treats it as unset");
  }
  CHECK(std::holds_alternative<Malformed>(as_value("\n")));
}

TEST_CASE("what cloudflared parses with something missing is incomplete, and the reason names it") {
  struct Case {
    std::string_view json;
    std::string_view reason;
    Authority authority;
  };
  constexpr Case cases[] = {
      {"{}", "no account id, no tunnel id and no secret", Authority::none},
      {"null", "no account id, no tunnel id and no secret", Authority::none},
      {R"({"s":"AQID","t":"6f1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d"})", "no account id",
       Authority::run_tunnel},
      {R"({"a":"x","s":"AQID","t":null})", "no tunnel id", Authority::run_tunnel},
      {R"({"a":"x","s":"AQID","t":"00000000-0000-0000-0000-000000000000"})", "no tunnel id",
       Authority::run_tunnel},
      {R"({"a":"x","s":[],"t":"6f1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d"})", "no secret", Authority::none},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    const Decoded decoded = as_value(base64_of(c.json));
    const auto& token = std::get<Credential>(decoded);
    CHECK(token.status == Status::incomplete);
    CHECK(token.reason == c.reason);
    CHECK(token.authority == c.authority);
    CHECK(token.fingerprint.empty() == (token.secret_bytes == 0));
    CHECK(token.scope.tunnel.find("00000000") == std::string::npos);
  }
}

TEST_CASE("a token that somebody could repair is damaged, and what it opens is still said") {
  const std::string token = base64_of(json);
  const std::string bare = token.substr(0, token.find('='));
  std::string url = token;
  for (char& letter : url) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
  std::string utf16 = "\xff\xfe";
  for (const char letter : token) utf16 += {letter, '\0'};
  const std::string cases[] = {
      bare + "====",
      "\"" + token + "\"",
      "'" + token + "'",
      "\xef\xbb\xbf" + token,
      token + " \t\xe2\x80\x8b",
      token.substr(0, 60) + " " + token.substr(60),
      "cloudflared service install " + token,
      "TUNNEL_TOKEN=" + token + "\n",
      token + "\n" + token,
      base64_of(token),
      base64_of(base64_of(token)),
      base64_of(base64_of(base64_of(token) + "\n")),
      utf16,
      base64_of(json + "x"),
      base64_of(json.substr(0, json.size() - 1) + ",}"),
      token.substr(0, 60) + "\\\n" + token.substr(60),
  };
  for (const std::string& bytes : cases) {
    CAPTURE(bytes);
    for (const Decoded& decoded : {as_value(bytes), found(bytes)}) {
      const auto* damaged = std::get_if<Credential>(&decoded);
      REQUIRE(damaged);
      CHECK(damaged->status == Status::damaged);
      CHECK(damaged->kind == "tunnel-token");
      CHECK(damaged->authority == Authority::run_tunnel);
      CHECK(damaged->scope.account == "00112233445566778899aabbccddeeff");
      CHECK(damaged->fingerprint == fingerprint_of(secret));
      CHECK(damaged->reason.starts_with("cloudflared refuses it: "));
    }
  }
}

TEST_CASE("an unpadded token, and one in the URL alphabet, are damaged") {
  const std::string plain =
      R"({"a":"00112233445566778899aabbccddeeff","s":"//+//+//+//+//+//+//+w==",)"
      R"("t":"6f1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d","e":"??>>"})";
  std::string token = base64_of(plain);
  REQUIRE(token.find('=') != std::string::npos);
  REQUIRE(token.find_first_of("+/") != std::string::npos);
  CHECK(status_of(as_value(token)) == Status::usable);
  CHECK(status_of(as_value(token.substr(0, token.find('=')))) == Status::damaged);
  for (char& letter : token) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
  CHECK(status_of(as_value(token)) == Status::damaged);
  CHECK(status_of(as_value(token.substr(0, token.size() - 2) + "%3D%3d")) == Status::damaged);
}

TEST_CASE("a token whose fields are damaged keeps what can be read of them") {
  const Decoded decoded = as_value(base64_of(
      R"({"a":"00112233445566778899aabbccddeeff","t":"web","s":"VEhJUyBpcyBhbiBpbnZlbnRlZA"})"));
  const auto* damaged = std::get_if<Credential>(&decoded);
  REQUIRE(damaged);
  CHECK(damaged->status == Status::damaged);
  CHECK(damaged->scope.tunnel.empty());
  CHECK(damaged->fingerprint == fingerprint_of("THIS is an invented"));
  CHECK(damaged->reason == "cloudflared refuses it: the tunnel id is not a UUID");
}

TEST_CASE("what nobody can recover a secret from is rejected, with the offset where there is one") {
  const Decoded decoded = as_value("eyJhIjoiMDAxMTIyMzM0...");
  const auto* malformed = std::get_if<Malformed>(&decoded);
  REQUIRE(malformed);
  CHECK(malformed->kind == "tunnel-token");
  CHECK(malformed->why == "the text is not base64");
  CHECK(malformed->offset == 20U);
  for (const std::string_view text : {"YOUR_TOKEN_HERE", "W10=", "NQ==", "e30", "{}"}) {
    CAPTURE(text);
    CHECK(std::holds_alternative<Malformed>(as_value(text)));
  }
}

TEST_CASE("base64 of anything but a token object belongs to somebody else") {
  for (const std::string_view text :
       {"e30=", "bnVsbA==", "W10=", "aGVsbG8=", "AAAA", "", "hello", "eyJmb28iOjF9", "eyJhIjoieCJ9",
        "eyJ0IjoieCJ9", "{\"a\":1}", "-----BEGIN X-----"}) {
    CAPTURE(text);
    CHECK(std::holds_alternative<NotThisKind>(found(text)));
  }
}

TEST_CASE("a broken token object is still recognised as a token") {
  const Decoded decoded = found(base64_of(R"({"a":1,"s":"!","t":""})"));
  CHECK(std::get<Malformed>(decoded).kind == "tunnel-token");
}

TEST_CASE("the published example, and constant or sequential bytes, are told apart") {
  const auto quality = [](std::string_view array) {
    const std::string text =
        R"({"a":"x","t":"6f1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d","s":)" + std::string{array} + "}";
    const Decoded decoded = as_value(base64_of(text));
    return std::get<Credential>(decoded).secret_quality;
  };
  CHECK(quality("\"AQIDBAUGBwgBAgMEBQYHCAECAwQFBgcIAQIDBAUGBwg=\"") == SecretQuality::published);
  CHECK(quality("[7,7,7,7]") == SecretQuality::predictable);
  CHECK(quality("[1,2,3,4]") == SecretQuality::predictable);
  CHECK(quality("[254,255,0,1]") == SecretQuality::predictable);
  CHECK(quality("[4,3,2,1]") == SecretQuality::predictable);
  CHECK(quality("[1,3,5,7]") == SecretQuality::ordinary);
  CHECK(quality("[1,2,3,5]") == SecretQuality::ordinary);
  CHECK(quality("[7]") == SecretQuality::ordinary);
  CHECK(quality("[]") == SecretQuality::unknown);
}

TEST_CASE("input over the cap is rejected, and the reason names the cap") {
  const std::string full(max_credential_bytes, 'A');
  const std::string over(max_credential_bytes + 1, 'A');
  CHECK(std::get<Malformed>(as_value(full)).why.find("65,536") == std::string::npos);
  CHECK(std::get<Malformed>(as_value(over)).why.find("65,536 bytes") != std::string::npos);
}

TEST_CASE("a key changes the fingerprint and nothing else") {
  const Decoded decoded = decode_token(
      {.bytes = base64_of(json), .file_name = {}, .hmac_key = "invented"}, Handover::value);
  CHECK(std::get<Credential>(decoded).fingerprint.starts_with("hmac:"));
}

}  // namespace
}  // namespace cfwarden
