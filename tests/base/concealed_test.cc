#include "cfwarden/base/concealed.h"

#include "cfwarden/base/base64.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cfwarden::base64_of;
using cfwarden::concealed;

namespace {

const std::string secret = base64_of("Kq7vXw3Zp9RtB2mYc8LdN5fHs1GjQ6Tx");
const std::string token = base64_of(R"({"a":"0123456789abcdef0123456789abcdef","t":")"
                                    R"(6ff42ae2-765d-4adf-8112-31c55c1551ef","s":")" +
                                    secret + R"("})");
const std::string jwt =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IktxN3ZYdzNacDlSdEIybVljOExkTjVmSHMxR2oifQ."
    "eyJpc3MiOiJodHRwczovL3giLCJleHAiOjF9.S3E3dlh3M1pwOVJ0QjJtWWM4TGRONWZIczE";
const std::string unpadded = token.substr(0, token.find('='));

// What stands for one secret, without its digits.
std::string without_digits(std::string text) {
  constexpr std::string_view mark = "<secret:";
  for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
    text.erase(at + mark.size(), 16);
  }
  return text;
}

}  // namespace

TEST_CASE("a credential that a file or a directory is called by is not shown") {
  for (const std::string& one :
       {token, unpadded, secret, jwt, base64_of(token), "\"" + token + "\""}) {
    CAPTURE(one);
    const bool is_quoted = one.front() == '"';
    const std::string shown = is_quoted ? "\"<secret:>\"" : "<secret:>";
    CHECK(without_digits(concealed(one)) == shown);
    CHECK(without_digits(concealed("/srv/" + one)) == "/srv/" + shown);
    CHECK(without_digits(concealed("/srv/" + one + "/a/cert.pem")) ==
          "/srv/" + shown + "/a/cert.pem");
    CHECK(without_digits(concealed("a.tar!x/" + one + ".json")) == "a.tar!x/" + shown + ".json");
    CHECK(without_digits(concealed("is the same as /a/" + one + ", " + one)) ==
          "is the same as /a/" + shown + ", " + shown);
  }
}

TEST_CASE("two credentials in names are told apart, and one is recognised") {
  CHECK(concealed(token) == concealed(token));
  CHECK(concealed(token) != concealed(secret));
}

TEST_CASE("no name is shown as another one is that holds a credential") {
  const std::string shown = concealed("/srv/" + token);
  const std::string decoy = concealed(shown);
  CHECK(decoy != shown);
  CHECK(concealed(decoy) != decoy);
  CHECK(without_digits(concealed("<secret:")) == "<secret:>");
  CHECK(without_digits(concealed("/a<secret:12>b/<secret:<secret:")) ==
        "/a<secret:>12>b/<secret:><secret:>");
  CHECK(without_digits(concealed("<secret:" + token + ">")) == "<secret:><secret:>>");
  for (const std::string text : {"<secret", "secret:", "<secrets:a>", "<secret/:", "<Secret:a>"}) {
    CHECK(concealed(text) == text);
  }
}

TEST_CASE("what is no credential is shown as it is") {
  for (const std::string text :
       {"", "/", "//a//", "/home/alice/.cloudflared/cert.pem",
        "/srv/6ff42ae2-765d-4adf-8112-31c55c1551ef.json",
        "eyJames-and-whoever-else-had-something-to-say-of-it",
        "/opt/eyJames/and/whoever/else/had/something/to/say/of/it",
        "/var/lib/docker/containers/"
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03/config.v2.json",
        "/nix/store/0c5bn3hzw7qr1v6k2fjx9yd4ag8lmps0-cloudflared-2024.1.0/bin/cloudflared",
        "/srv/ThisIsAVeryLongNameOfAClassInSomeLanguage/AbstractSingletonProxyFactoryBean.java",
        "/etc/ssl/certs/TUBITAK_Kamu_SM_SSL_Kok_Sertifikasi_-_Surum_1.pem",
        "/src/UPPER_AND_lower_CASE_and_MORE_of_it_in_ONE_long_FILE_name", "sha256:5891b5b522d5df08",
        "is 0644, may be at most 0600"}) {
    CHECK(concealed(text) == text);
  }
}
