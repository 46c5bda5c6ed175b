#include "cfwarden/search/anchors.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/search/multi_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace cfwarden {
namespace {

// The table and its search; built once for all the tests of this file.
struct Table {
  std::vector<Anchor> anchors = all_anchors();
  MultiSearch search{literals_of(anchors)};
};

const Table& table() {
  static const Table made;
  return made;
}

std::string in_utf16(std::string_view text, bool big_endian) {
  std::string bytes;
  for (const char letter : text) {
    if (big_endian) bytes.push_back('\0');
    bytes.push_back(letter);
    if (!big_endian) bytes.push_back('\0');
  }
  return bytes;
}

std::string out_of_utf16(std::string_view text, std::size_t offset) {
  std::string letters;
  for (std::size_t i = offset % 2; i < text.size(); i += 2) letters.push_back(text[i]);
  return letters;
}

// The run of base64 around the anchor, from where a group of four begins.
std::string out_of_base64(std::string_view text, std::size_t offset, std::size_t group_position) {
  std::size_t begin = offset;
  while (begin > 0 && is_base64_letter(text[begin - 1])) --begin;
  std::size_t end = offset;
  while (end < text.size() && is_base64_letter(text[end])) ++end;
  begin += (offset + 4 - group_position - begin) % 4;
  end -= (end - begin) % 4 == 1 ? 1U : 0U;
  const auto bytes = decode_damaged_base64(text.substr(begin, end - begin));
  REQUIRE(bytes);
  return std::string{bytes->reveal()};
}

// What is announced in a text, once all the layers that anchors name are off.
std::set<Announced> announced_in(const std::string& text, int most_layers = 6) {
  std::set<Announced> announced;
  if (most_layers == 0) return announced;
  std::set<std::string> inside;
  for (const Hit& hit : table().search.hits_in(text)) {
    const Anchor& anchor = table().anchors[hit.literal];
    if (anchor.layer == Layer::plain || anchor.layer == Layer::percent) {
      announced.insert(anchor.announced);
    } else if (anchor.layer == Layer::utf16) {
      inside.insert(out_of_utf16(text, hit.offset));
    } else {
      inside.insert(out_of_base64(text, hit.offset, anchor.group_position));
      if (anchor.announced == Announced::certificate_body) announced.insert(anchor.announced);
    }
  }
  for (const std::string& layer : inside) announced.merge(announced_in(layer, most_layers - 1));
  return announced;
}

using All = std::set<Announced>;

constexpr std::string_view account = "0123456789abcdef0123456789abcdef";
constexpr std::string_view tunnel = "6f1b2c3d-0000-4000-8000-000000000001";

// {"a":...,"t":...,"s":...} with the key's letter, what stands before it and behind its colon.
std::string object(std::string_view open, std::string_view key, std::string_view colon) {
  std::string text{open};
  text.append("\"").append(key).append("\"").append(colon).append("\"").append(account);
  return text.append("\",\"t\":\"").append(tunnel).append("\",\"s\":\"aW52ZW50ZWQ=\"}");
}

std::vector<std::string> written_tokens() {
  std::vector<std::string> tokens;
  for (const char* key : {"a", "t", "s", "e", "A", "T", "S", "E"}) {
    for (const char* colon : {":", ": ", " : ", ":\n"}) {
      tokens.push_back(base64_of(object("{", key, colon)));
    }
  }
  for (const char* key : {"a", "t", "s", "e"}) {
    for (const char* open : {"{ ", "{\n", "{\n ", "{\n  ", "{\n    ", "{\n\t", "{\r\n", "{\r\n  ",
                             "{\r\n    ", "{\r\n\t"}) {
      tokens.push_back(base64_of(object(open, key, ": ")));
    }
  }
  return tokens;
}

TEST_CASE("a token is announced however its JSON is written, alone and inside other text") {
  for (const std::string& token : written_tokens()) {
    CAPTURE(token);
    CHECK(announced_in(token) == All{Announced::token});
    CHECK(announced_in("cloudflared service install " + token + "\n") == All{Announced::token});
    CHECK(announced_in("{\\\"TUNNEL_TOKEN\\\":\\\"" + token + "\\\"}") == All{Announced::token});
    CHECK(announced_in("token%3D" + token) == All{Announced::token});
  }
}

TEST_CASE("a token in UTF-16 is announced in both byte orders") {
  for (const char* open : {"{", "{ ", "{\n  ", "{\n\t", "{\r\n    "}) {
    const std::string token = base64_of(object(open, "a", ":"));
    CAPTURE(token);
    CHECK(announced_in(in_utf16(token, true)) == All{Announced::token});
    CHECK(announced_in("\xFF\xFE" + in_utf16("$token = '" + token + "'", false)) ==
          All{Announced::token});
  }
}

TEST_CASE(
    "a token is announced in base64 and twice, wherever it stands in it, and three times at the "
    "start") {
  const std::string token = base64_of(object("{", "a", ":"));
  for (const char* outer : {"", "x", "xy"}) {
    const std::string once = base64_of(outer + token + "\n");
    CAPTURE(once);
    CHECK(announced_in("data: " + once) == All{Announced::token});
    for (const char* outermost : {"", "x", "xy"}) {
      const std::string twice = base64_of(outermost + once);
      CAPTURE(twice);
      CHECK(announced_in("data: " + twice) == All{Announced::token});
    }
  }
  const std::string three_times = base64_of(base64_of(base64_of(token)));
  CHECK(announced_in("data: " + three_times) == All{Announced::token});
}

TEST_CASE("a command that PowerShell takes in base64 announces its token") {
  const std::string token = base64_of(object("{", "a", ":"));
  for (const char* command : {"", "x", "xy", "cloudflared service install "}) {
    const std::string encoded = base64_of(in_utf16(command + token, false));
    CAPTURE(encoded);
    CHECK(announced_in("powershell -EncodedCommand " + encoded) == All{Announced::token});
  }
}

TEST_CASE("an account certificate is announced by its PEM, escaped, encoded or without its lines") {
  const std::string body = base64_of(R"({"zoneID":"z","accountID":"a","apiToken":"invented"})");
  for (const char* name : {"ARGO TUNNEL TOKEN", "WARP TOKEN"}) {
    const std::string pem = "-----BEGIN " + std::string{name} + "-----\n" + body + "\n-----END " +
                            std::string{name} + "-----\n";
    CAPTURE(pem);
    const auto is_announced = [](const std::string& text) {
      return announced_in(text).contains(Announced::certificate);
    };
    CHECK(is_announced(pem));
    CHECK(is_announced(in_utf16(pem, false)));
    CHECK(is_announced(in_utf16(pem, true)));
    for (const char* before : {"", "x", "xy"}) CHECK(is_announced(base64_of(before + pem)));
  }
  CHECK(announced_in("-----BEGIN%20ARGO%20TUNNEL%20TOKEN-----").contains(Announced::certificate));
  CHECK(announced_in("-----BEGIN+ARGO+TUNNEL+TOKEN-----").contains(Announced::certificate));
  CHECK(announced_in("-----BEGIN+WARP+TOKEN-----").contains(Announced::certificate));
  for (const char* json : {R"({"zoneID":"z"})", R"({"accountID":"a"})", R"({"apiToken":"i"})"}) {
    CHECK(announced_in(base64_of(json)) == All{Announced::certificate_body});
  }
}

TEST_CASE("a header in base64 is announced although lines of 76 letters break it somewhere") {
  const std::string pem =
      "-----BEGIN ARGO TUNNEL TOKEN-----\nabcd\n-----END ARGO TUNNEL TOKEN-----";
  int announced = 0;
  for (std::size_t before = 0; before < 57; ++before) {
    std::string encoded = base64_of(std::string(before, 'k') + pem);
    for (std::size_t at = 76; at < encoded.size(); at += 77) encoded.insert(at, "\n");
    announced += table().search.hits_in(encoded).empty() ? 0 : 1;
  }
  CHECK(announced == 57);
}

TEST_CASE("credentials are announced by their secret's key, in any letter case, plain or encoded") {
  const auto credentials = [](std::string_view key) {
    return "{\"AccountTag\":\"" + std::string{account} + "\",\"" + std::string{key} +
           "\":\"aW52ZW50ZWQ=\",\"TunnelID\":\"" + std::string{tunnel} + "\"}";
  };
  for (const char* key : {"TunnelSecret", "tunnelSecret", "tunnelsecret", "TUNNELSECRET"}) {
    CHECK(announced_in(credentials(key)).contains(Announced::credentials));
    CHECK(announced_in(in_utf16(credentials(key), false)).contains(Announced::credentials));
  }
  const std::string json = credentials("TunnelSecret");
  for (const char* outer : {"", "x", "xy"}) {
    CHECK(announced_in(base64_of(outer + json)).contains(Announced::credentials));
    for (const char* outermost : {"", "x", "xy"}) {
      const std::string twice = base64_of(outermost + base64_of(outer + json));
      CHECK(announced_in(twice).contains(Announced::credentials));
    }
  }
}

TEST_CASE("keys that hold a tunnel's secret by itself are announced") {
  for (const char* text :
       {"tunnel_secret = \"aW52ZW50ZWQ=\"", "\"tunnel_secret\": \"aW52ZW50ZWQ=\"",
        "TUNNEL_SECRET=aW52ZW50ZWQ=", "run --tunnel-secret aW52ZW50ZWQ=",
        "tunnel-secret: aW52ZW50ZWQ=", "\"tunnel-secret\": \"aW52ZW50ZWQ=\"",
        "cloudflare:\n  tunnelId: 6f1b2c3d\n  secret: aW52ZW50ZWQ=",
        "resource \"cloudflare_tunnel\" \"t\" {\n  secret = \"aW52ZW50ZWQ=\"",
        "resource \"cloudflare_argo_tunnel\" \"t\" {",
        "resource \"cloudflare_zero_trust_tunnel_cloudflared\" \"t\" {"}) {
    CAPTURE(text);
    CHECK(announced_in(text).contains(Announced::split_credentials));
  }
  for (const char* text : {"{\"tunnel_secret\":\"aW52ZW50ZWQ=\"}", "TUNNEL_SECRET=aW52ZW50ZWQ=",
                           "cloudflare:\n  tunnelId: 6f1b2c3d\n  secret: aW52ZW50ZWQ="}) {
    CAPTURE(text);
    CHECK(announced_in(base64_of(text)).contains(Announced::split_credentials));
  }
}

TEST_CASE("other tokens, keys and words announce nothing") {
  for (const char* text :
       {"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln",
        "ZXlKaGJHY2lPaUpTVXpJMU5pSXNJblI1Y0NJNklrcFhWQ0o5",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----",
        "tunnel: 6f1b2c3d\ncredentials-file: /etc/cloudflared/x.json",
        "TUNNEL_TOKEN=${TUNNEL_TOKEN}", "kind: Secret\nmetadata:\n  name: tunnel-secret",
        "eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbXX0=", "argo tunnel token", "else if (channelSelected)"}) {
    CAPTURE(text);
    CHECK(announced_in(text).empty());
  }
}

TEST_CASE("every anchor can be searched for, and says where in its group of four it stands") {
  CHECK(table().anchors.size() >= 100);
  CHECK(table().anchors.size() <= 256);
  for (const Anchor& anchor : table().anchors) {
    CAPTURE(anchor.literal);
    CHECK(anchor.literal.size() >= 5);
    CHECK(anchor.group_position < 4);
    CHECK((anchor.layer == Layer::base64 || anchor.group_position == 0));
    // The alphabet of URLs has other letters there.
    CHECK(
        (anchor.layer != Layer::base64 || anchor.literal.find_first_of("+/") == std::string::npos));
  }
}

}  // namespace
}  // namespace cfwarden
