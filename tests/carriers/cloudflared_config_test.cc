#include "cfwarden/carriers/all_carriers.h"
#include "unwrapped_text.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace cfwarden;

namespace {
Unwrapped config(std::string_view text) {
  return unwrap_cloudflared_config("config.yml", text);
}
}  // namespace

TEST_CASE("inline secrets of a configuration are excerpts with their line and form") {
  const Unwrapped found = config(
      "tunnel: web\n"
      "token: MADEUP-TOKEN\n"
      "credentials-contents: '{\"AccountTag\":\"made up\"}'\n"
      "api-key: MADEUP-A\n"
      "api-ca-key: MADEUP-B\n"
      "secret-id: MADEUP-C\n"
      "access-key-id: MADEUP-D\n"
      "session-token: MADEUP-E\n");
  CHECK(excerpts_of(found) ==
        Lines{"cloudflared-config:2 token_value MADEUP-TOKEN",
              "cloudflared-config:3 credentials_contents {\"AccountTag\":\"made up\"}",
              "cloudflared-config:4 secret_value MADEUP-A",
              "cloudflared-config:5 secret_value MADEUP-B",
              "cloudflared-config:6 secret_value MADEUP-C",
              "cloudflared-config:7 secret_value MADEUP-D",
              "cloudflared-config:8 secret_value MADEUP-E"});
  CHECK(found.is_configuration);
  CHECK(found.problem == "");
}

TEST_CASE("a forwarder's service token is one excerpt of its two halves") {
  const Unwrapped found = config(
      "forwarders:\n"
      "  - url: a\n"
      "    serviceTokenID: MADEUP.access\n"
      "    serviceTokenSecret: MADEUP-SECRET\n"
      "  - url: b\n"
      "  - serviceTokenSecret: MADEUP-ALONE\n");
  CHECK(excerpts_of(found) ==
        Lines{"cloudflared-config:4 service_token MADEUP.access\nMADEUP-SECRET",
              "cloudflared-config:6 service_token \nMADEUP-ALONE"});
}

TEST_CASE("keys that name something elsewhere are pointers with their line") {
  const Unwrapped found = config(
      "tunnel: 11111111-2222-4333-8444-555555555555\n"
      "credentials-file: ~/x.json\n"
      "origincert: /etc/cloudflared/cert.pem\n"
      "token-file: token\n"
      "logfile: /var/log/cloudflared.log\n"
      "log-directory: /var/log\n"
      "cred-file: /only/a/flag\n");
  CHECK(pointers_of(found) ==
        Lines{"tunnel=11111111-2222-4333-8444-555555555555@1", "credentials-file=~/x.json@2",
              "origincert=/etc/cloudflared/cert.pem@3", "token-file=token@4",
              "logfile=/var/log/cloudflared.log@5", "log-directory=/var/log@6"});
}

TEST_CASE("only top-level keys in exact spelling count") {
  const Unwrapped found = config(
      "Token: MADEUP\n"
      "TOKEN: MADEUP\n"
      "originRequest:\n"
      "  token: MADEUP\n"
      "  credentials-file: /x\n"
      "ingress:\n"
      "  - token: MADEUP\n");
  CHECK(excerpts_of(found).empty());
  CHECK(pointers_of(found).empty());
  CHECK(found.problem == "");
}

TEST_CASE("null and empty values count as unset") {
  for (const std::string_view value : {"", "~", "null", "Null", "NULL", "''", "\"\""}) {
    CAPTURE(value);
    const std::string text{value};
    const Unwrapped found = config("token: " + text + "\ncredentials-file: " + text + "\n");
    CHECK(excerpts_of(found).empty());
    CHECK(pointers_of(found).empty());
  }
  CHECK(excerpts_of(config("token: 'null'\n")) == Lines{"cloudflared-config:1 token_value null"});
}

TEST_CASE("of duplicate keys the last pointer wins, and every secret is found") {
  const Unwrapped found = config("token: MADEUP-1\ntunnel: a\ntoken: MADEUP-2\ntunnel: b\n");
  CHECK(excerpts_of(found) == Lines{"cloudflared-config:1 token_value MADEUP-1",
                                    "cloudflared-config:3 token_value MADEUP-2"});
  CHECK(pointers_of(found) == Lines{"tunnel=b@4"});
}

TEST_CASE("a second document has secrets but no say") {
  const Unwrapped found = config("tunnel: a\n---\ntunnel: b\ntoken: MADEUP\n");
  CHECK(excerpts_of(found) == Lines{"cloudflared-config:4 token_value MADEUP"});
  CHECK(pointers_of(found) == Lines{"tunnel=a@1"});
}

TEST_CASE("block scalars, JSON and quoted keys are read as cloudflared reads them") {
  CHECK(excerpts_of(config("token: |\n  MADE\n  UP\n")) ==
        Lines{"cloudflared-config:1 token_value MADE\nUP\n"});
  CHECK(excerpts_of(config("{\"token\": \"MADEUP\"}")) ==
        Lines{"cloudflared-config:1 token_value MADEUP"});
  CHECK(excerpts_of(config("? token\n: MADEUP\n")) ==
        Lines{"cloudflared-config:2 token_value MADEUP"});
}

TEST_CASE("aliases, merges and values that are no text are a problem where they matter") {
  struct Case {
    std::string_view text, problem;
  };
  for (const Case& row : {
           Case{"x: &x MADEUP\ntoken: *x\n", "line 2: token is an alias, which is not followed"},
           Case{"x: &x {token: MADEUP}\n<<: *x\n", "line 2: merged keys are not followed"},
           Case{"x: &x token\n*x : MADEUP\n", "line 2: a key that is not a text is not read"},
           Case{"token: [MADEUP]\n", "line 1: token is not a text"},
           Case{"credentials-contents: {AccountTag: MADEUP}\n",
                "line 1: credentials-contents is not a text"},
           Case{"forwarders:\n  - &f {url: a}\n  - *f\n",
                "line 3: a forwarder is an alias, which is not followed"},
           Case{"x: &x []\nforwarders: *x\n",
                "line 2: forwarders is an alias, which is not followed"},
           Case{"forwarders: [{serviceTokenSecret: [MADEUP]}]\n",
                "line 1: serviceTokenSecret is not a text"},
           Case{"forwarders: [{<<: {a: b}}]\n", "line 1: merged keys are not followed"},
       }) {
    CAPTURE(row.text);
    const Unwrapped found = config(row.text);
    CHECK(found.problem == row.problem);
    CHECK(found.problem.find("MADEUP") == std::string::npos);
    CHECK(excerpts_of(found).empty());
  }
}

TEST_CASE("aliases and anchors elsewhere are no problem") {
  const Unwrapped found = config(
      "token: &t MADEUP\n"
      "originRequest: &o {noTLSVerify: true}\n"
      "ingress:\n"
      "  - originRequest: *o\n"
      "  - <<: *o\n"
      "    service: x\n");
  CHECK(found.problem == "");
  CHECK(excerpts_of(found) == Lines{"cloudflared-config:1 token_value MADEUP"});
}

TEST_CASE("what stands before a syntax error is kept, and the error is a problem") {
  const Unwrapped found = config("token: MADEUP\nbroken: [\n");
  CHECK(excerpts_of(found) == Lines{"cloudflared-config:1 token_value MADEUP"});
  CHECK(found.problem.ends_with(": not valid YAML"));
  CHECK(found.is_configuration);
}

TEST_CASE("a mapping or an empty file is a configuration, anything else is not") {
  for (const std::string_view text : {"tunnel: a\n", "{}", "", "# only a comment\n", "---\n"}) {
    CAPTURE(text);
    CHECK(config(text).is_configuration);
  }
  for (const std::string_view text :
       {"- a\n", "text", "-----BEGIN ARGO TUNNEL TOKEN-----\nMADEUP\n", "'unclosed"}) {
    CAPTURE(text);
    CHECK_FALSE(config(text).is_configuration);
  }
}

TEST_CASE("config.yml is taken by its name, other YAML only with a key of cloudflared's") {
  CHECK(takes_cloudflared_config("config.yml", ""));
  CHECK(takes_cloudflared_config("config.yaml", "anything"));
  CHECK(takes_cloudflared_config("web.yml", "logfile: x\ntunnel: web\n"));
  CHECK(takes_cloudflared_config("web.yaml", "token: eyMADEUP\n"));
  CHECK_FALSE(takes_cloudflared_config("web.yml", "services:\n  tunnel: {}\n"));
  CHECK_FALSE(takes_cloudflared_config("web.yml", "token: secret\n"));
  CHECK_FALSE(takes_cloudflared_config("web.txt", "tunnel: web\n"));
  CHECK_FALSE(takes_cloudflared_config("Config.yml", "x: y\n"));
  CHECK(takes_cloudflared_config("web.yml", "{\"ingress\":[],\"tunnel\" : \"web\"}"));
  CHECK(takes_cloudflared_config("web.yml", " {\n  \"credentials-file\": \"/x\"\n}"));
  CHECK_FALSE(takes_cloudflared_config("web.yml", "{\"kind\": \"tunnel\"}"));
  CHECK_FALSE(takes_cloudflared_config("web.yml", "[\"tunnel\"]"));
}
