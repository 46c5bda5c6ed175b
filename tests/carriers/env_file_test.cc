#include "cfwarden/carriers/all_carriers.h"
#include "unwrapped_text.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace cfwarden;

namespace {

// Forty bytes: the least that could be a credential.
const std::string value = "eyMADEUP-MADEUP-MADEUP-MADEUP-MADEUP-40b";

Unwrapped env(std::string_view text) {
  return unwrap_env_file(".env", text);
}

}  // namespace

TEST_CASE("a value is found however its line is written") {
  for (const std::string& line : {
           "NAME=" + value,
           "export NAME=" + value,
           "  export\tNAME=" + value + "  ",
           "NAME = " + value,
           "NAME='" + value + "'",
           "NAME=\"" + value + "\"",
           "NAME=\"" + value + "\" # comment",
           "NAME=" + value + " # comment",
           "NAME=" + value + "\r",
           "lower.case-9=" + value,
       }) {
    CAPTURE(line);
    REQUIRE(env(line).excerpts.size() == 1);
    CHECK(excerpts_of(env(line + "\n")) == Lines{"env-file:1 any_value " + value});
    CHECK(excerpts_of(env("# first\n\n" + line)) == Lines{"env-file:3 any_value " + value});
  }
}

TEST_CASE("comments, short values and lines without a name are passed over") {
  for (const std::string& line : {
           "# NAME=" + value,
           "; NAME=" + value,
           "=" + value,
           value,
           "NAME " + value,
           std::string{"NAME=short"},
           std::string{"NAME="},
           std::string{"NAME"},
           std::string{"export"},
       }) {
    CAPTURE(line);
    CHECK(excerpts_of(env(line)).empty());
  }
}

TEST_CASE("cloudflared's own variables are taken in their form, however short") {
  CHECK(excerpts_of(env("TUNNEL_TOKEN=x\nTUNNEL_CRED_CONTENTS={\"a\": \"b\"}\n")) ==
        Lines{"env-file:1 token_value x", "env-file:2 credentials_contents {\"a\": \"b\"}"});
  CHECK(excerpts_of(env("TUNNEL_TOKEN=\nTUNNEL_TOKEN=''\nTUNNEL_TOKEN=${ELSEWHERE}\n")).empty());
}

TEST_CASE("the two halves of a service token make one excerpt at the secret's line") {
  CHECK(excerpts_of(env("TUNNEL_SERVICE_TOKEN_SECRET=MADEUP\nTUNNEL_SERVICE_TOKEN_ID=id.access\n"
                        "CF_ACCESS_CLIENT_ID=other.access\nCF_ACCESS_CLIENT_SECRET=UPMADE\n")) ==
        Lines{"env-file:1 service_token id.access\nMADEUP",
              "env-file:4 service_token other.access\nUPMADE"});
  CHECK(excerpts_of(env("TUNNEL_SERVICE_TOKEN_ID=id.access\n")).empty());
}

TEST_CASE("variables that name files are pointers under the configuration's keys") {
  const Unwrapped found =
      env("TUNNEL_ORIGIN_CERT=/a\nTUNNEL_CRED_FILE='/b c'\nTUNNEL_TOKEN_FILE=/old\n"
          "TUNNEL_TOKEN_FILE=/new\nTUNNEL_LOGFILE=/l\nTUNNEL_LOGDIRECTORY=/d\n");
  CHECK(pointers_of(found) == Lines{"origincert=/a@1", "credentials-file=/b c@2",
                                    "token-file=/new@4", "logfile=/l@5", "log-directory=/d@6"});
  CHECK(excerpts_of(found).empty());
}

TEST_CASE("quotes and backslashes are undone as shells do") {
  struct Case {
    std::string written, meant;
  };
  for (const Case& row : {
           Case{R"("{\"a\": \"$\", \"b\": 1}")", R"({"a": "$", "b": 1})"},
           Case{R"('{"a": "\n"}')", R"({"a": "\n"})"},
           Case{R"("-----BEGIN X-----\nMADEUP")", "-----BEGIN X-----\nMADEUP"},
           Case{"\"-----BEGIN X-----\nMADEUP\n\"", "-----BEGIN X-----\nMADEUP\n"},
           Case{"'{\n\"a\": 1\n}'", "{\n\"a\": 1\n}"},
           Case{"ab\\\ncd", "abcd"},
           Case{R"(a\b)", R"(a\b)"},
           Case{R"("a\\b\$c\`d\xe")", R"(a\b$c`d\xe)"},
           Case{"\"unclosed", "\"unclosed"},
           Case{"'unclosed", "'unclosed"},
           Case{"a#b", "a#b"},
       }) {
    CAPTURE(row.written);
    CHECK(excerpts_of(env("TUNNEL_CRED_CONTENTS=" + row.written + "\n")) ==
          Lines{"env-file:1 credentials_contents " + row.meant});
  }
}

TEST_CASE("lines are counted through values that take several") {
  CHECK(excerpts_of(env("A='{\n\n}'\nB=a\\\nb\nTUNNEL_TOKEN=x\n")) ==
        Lines{"env-file:6 token_value x"});
}

TEST_CASE("an unclosed quote hides nothing that follows") {
  CHECK(excerpts_of(env("A='{\nB=\"it\nC=it's\nTUNNEL_TOKEN=x\n")) ==
        Lines{"env-file:4 token_value x"});
}

TEST_CASE("more values than a credential store would have are a problem") {
  std::string many;
  for (int i = 0; i < 257; ++i) many += "NAME=" + value + "\n";
  CHECK(env(many).excerpts.size() == 256);
  CHECK(env(many).problem == "more than 256 values that could be credentials");
}

TEST_CASE("a file of unclosed quotes is read in one pass") {
  std::string hostile;
  while (hostile.size() < max_configuration_bytes) hostile += "A=\"{\nB='{\n";
  CHECK(env(hostile).problem == "");
}

TEST_CASE("environment files are taken by name, or by a variable of cloudflared's") {
  for (const std::string_view name : {".env", ".env.production", "prod.env", "token.env"}) {
    CAPTURE(name);
    CHECK(takes_env_file(name, ""));
  }
  CHECK(takes_env_file("cloudflared", "# x\nexport TUNNEL_TOKEN=x\n"));
  CHECK_FALSE(takes_env_file("cloudflared", "# TUNNEL_TOKEN=x\nPATH=/bin\n"));
  CHECK_FALSE(takes_env_file("notes", "set TUNNEL_TOKEN to something\n"));
  CHECK_FALSE(takes_env_file("environment", ""));
}
