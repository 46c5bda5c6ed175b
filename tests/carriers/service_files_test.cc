#include "cfwarden/base/base64.h"
#include "cfwarden/carriers/all_carriers.h"
#include "cfwarden/model/words.h"
#include "unwrapped_text.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace cfwarden;

namespace {

const std::string json =
    "{\"a\":\"699d98642c564d2e855e9661899b7252\",\"t\":\"6f1b2c3d-0000-4000-8000-00000000000a\","
    "\"s\":\"bWFkZS11cC1zZWNyZXQtb2YtMzItYnl0ZXMtMTIzNDU=\"}";
const std::string token = base64_of(json);

// "systemd-unit:2 argument", and ":" and the bytes of whatever is not the token.
Lines places_of(const Unwrapped& unwrapped) {
  Lines lines;
  for (const Excerpt& excerpt : unwrapped.excerpts) {
    std::string line{excerpt.carrier};
    if (excerpt.line) line += ":" + std::to_string(*excerpt.line);
    line += " " + std::string{name_of(excerpt.placement)} + " " + form_text(excerpt.form);
    const std::string bytes{excerpt.bytes.reveal()};
    lines.push_back(bytes == token ? line : line + ": " + bytes);
  }
  return lines;
}

std::string filled(std::string_view pattern) {
  std::string text{pattern};
  for (std::size_t at = text.find("TOKEN!"); at != text.npos; at = text.find("TOKEN!")) {
    text.replace(at, 6, token);
  }
  return text;
}

struct Shape {
  std::string_view file_name;
  std::string_view text;
  std::string_view found;
};

}  // namespace

TEST_CASE("a token is found where it stands, whatever defines the service") {
  for (const Shape& shape : {
           Shape{"cloudflared.service",
                 "[Unit]\nDescription=x\n[Service]\nExecStart=/usr/bin/cloudflared tunnel run "
                 "--token TOKEN!\n",
                 "systemd-unit:4 argument token_value"},
           Shape{"override.conf", "# mine\n[Service]\nExecStart=\nExecStart=/x --token=TOKEN!\n",
                 "systemd-unit:4 argument token_value"},
           Shape{"x.service", "[Service]\nExecStart=/x \\\n  --token \\\n  TOKEN!\n",
                 "systemd-unit:4 argument token_value"},
           Shape{"x.service", "[Service]\nExecStart=/x \\\n  TOKEN!\n",
                 "systemd-unit:3 argument any_value"},
           Shape{"x.service", "[Service]\nExecStart=/x service install TOKEN!\n",
                 "systemd-unit:2 argument any_value"},
           Shape{"x.service", "[Service]\nEnvironment=\"A=b\" \"TUNNEL_TOKEN=TOKEN!\"\n",
                 "systemd-unit:2 environment token_value"},
           Shape{"x.service", "[Service]\nEnvironment=MY_TOKEN=TOKEN!\n",
                 "systemd-unit:2 environment any_value"},
           Shape{"x.service", "[Service]\nSetCredential=token:TOKEN!\n",
                 "systemd-unit:2 other any_value"},
           Shape{"x.container", "[Container]\nImage=x\nExec=tunnel run --token TOKEN!\n",
                 "systemd-unit:3 argument token_value"},
           Shape{"cloudflared", "#!/bin/sh\nexec cloudflared tunnel run --token 'TOKEN!'\n",
                 "init-script:2 argument token_value"},
           Shape{"cloudflared", "#!/bin/sh\nexport TUNNEL_TOKEN=TOKEN!\nexec cloudflared\n",
                 "init-script:2 environment token_value"},
           Shape{"cloudflared", "user=x\ncommand_args=\"tunnel run --token TOKEN!\"\n",
                 "init-script:2 argument token_value"},
           Shape{"crontab", "SHELL=/bin/sh\n@reboot root cloudflared tunnel run --token TOKEN!\n",
                 "crontab:2 argument token_value"},
           Shape{"tunnel", "*/5 * * * mon root TUNNEL_TOKEN=TOKEN! cloudflared tunnel run\n",
                 "crontab:1 environment token_value"},
           Shape{"x.conf", "[program:cf]\ncommand=cloudflared tunnel run --token TOKEN!\n",
                 "supervisor-config:2 argument token_value"},
           Shape{"x.conf", "[program:cf]\nenvironment=A=\"b\",TUNNEL_TOKEN=\"TOKEN!\"\n",
                 "supervisor-config:2 environment token_value"},
           Shape{"compose.yml", "services:\n  t:\n    command: tunnel run --token TOKEN!\n",
                 "compose:3 argument token_value"},
           Shape{"docker-compose.yaml",
                 "services:\n  t:\n    command:\n      - --token\n      - TOKEN!\n",
                 "compose:5 argument token_value"},
           Shape{"compose.yml", "services:\n  t:\n    command: [tunnel, \"--token\", \"TOKEN!\"]\n",
                 "compose:3 argument token_value"},
           Shape{"compose.yml", "services:\n  t:\n    environment:\n      - TUNNEL_TOKEN=TOKEN!\n",
                 "compose:4 environment token_value"},
           Shape{"compose.yml", "services:\n  t:\n    environment:\n      TUNNEL_TOKEN: TOKEN!\n",
                 "compose:4 environment token_value"},
           Shape{"pod.yaml",
                 "apiVersion: v1\nkind: Pod\nspec:\n  env:\n    - name: TUNNEL_TOKEN\n      value: "
                 "TOKEN!\n",
                 "kubernetes-manifest:6 environment token_value"},
           Shape{"pod.yaml", "apiVersion: v1\nkind: Pod\n  args:\n  - --token\n  - TOKEN!\n",
                 "kubernetes-manifest:5 argument token_value"},
           Shape{"secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  token: TOKEN!\n",
                 "kubernetes-manifest:4 other any_value"},
           Shape{"config.v2.json", "{\"Config\":{\"Env\":[\"A=b\",\"TUNNEL_TOKEN=TOKEN!\"]}}",
                 "container-state:1 environment token_value"},
           Shape{"config.v2.json", "{\"Config\":{\"Cmd\":[\"tunnel\",\"--token\",\"TOKEN!\"]}}",
                 "container-state:1 argument token_value"},
           Shape{"config.json",
                 "{\n\"ociVersion\":\"1\",\"process\":{\"args\":[\n\"--token=TOKEN!\"]}}",
                 "container-state:3 argument token_value"},
       }) {
    CAPTURE(shape.text);
    CHECK(places_of(unwrap(shape.file_name, filled(shape.text))) ==
          Lines{std::string{shape.found}});
  }
}

TEST_CASE("arguments of a process are told from its variables, and have no line") {
  using namespace std::string_literals;
  CHECK(places_of(unwrap("cmdline", "cloudflared\0tunnel\0--token\0"s + token + "\0"s)) ==
        Lines{"process argument token_value"});
  CHECK(places_of(unwrap("cmdline", "sh\0-c\0x "s + token + "\0"s)) ==
        Lines{"process argument any_value"});
  CHECK(places_of(unwrap("environ", "A=b\0TUNNEL_TOKEN="s + token + "\0"s)) ==
        Lines{"process environment token_value"});
}

TEST_CASE("a token that is broken over lines has the line of its first piece") {
  const std::string broken = token.substr(0, 80) + "\\\n" + token.substr(80);
  CHECK(places_of(unwrap("x.service", "[Service]\nExecStart=/x --token " + broken + "\n")) ==
        Lines{"systemd-unit:2 argument token_value"});
}

TEST_CASE("what a Secret holds in base64 is decoded once") {
  const std::string head = "apiVersion: v1\nkind: Secret\ndata:\n";
  const std::string credentials =
      "{\"AccountTag\":\"699d98642c564d2e855e9661899b7252\",\"TunnelSecret\":\"bWFkZS11cA==\"}";
  CHECK(places_of(unwrap("s.yaml", head + "  token: " + base64_of(token) + "\n")) ==
        Lines{"kubernetes-manifest:4 other any_value"});
  CHECK(places_of(unwrap("s.yaml", head + "  credentials.json: " + base64_of(credentials))) ==
        Lines{"kubernetes-manifest:4 other any_value: " + credentials});
}

TEST_CASE("credentials and certificates in a definition are excerpts of their own") {
  const std::string object = "{\"AccountTag\":\"made up\",\"TunnelSecret\":\"bWFkZS11cA==\"}";
  CHECK(places_of(unwrap("x", "#!/bin/sh\ncat > x.json <<EOF\n" + object + "\nEOF\n")) ==
        Lines{"init-script:3 other any_value: " + object});
  CHECK(places_of(unwrap("x.service",
                         "[Service]\nEnvironment='TUNNEL_CRED_CONTENTS=" + object + "'\n")) ==
        Lines{"systemd-unit:2 environment credentials_contents: " + object});
  CHECK(places_of(unwrap("x.yaml",
                         "apiVersion: v1\nkind: Secret\nstringData:\n  cert.pem: |\n"
                         "    -----BEGIN ARGO TUNNEL TOKEN-----\n    bWFkZQ==\n"
                         "    -----END ARGO TUNNEL TOKEN-----\n")) ==
        Lines{"kubernetes-manifest:5 other any_value: -----BEGIN ARGO TUNNEL TOKEN-----\n"
              "bWFkZQ==\n-----END ARGO TUNNEL TOKEN-----"});
}

TEST_CASE("frames that begin and never end hide no certificate and cost one look each") {
  std::string text = "[Service]\nExecStart=/usr/bin/cloudflared tunnel run\n";
  for (int i = 0; i < 20'000; ++i) text += "-----BEGIN WARP TOKEN-----\n";
  REQUIRE(unwrap("x.service", text).excerpts.size() == 1);
  CHECK(unwrap("x.service", text).excerpts.front().carrier == "whole-file");
  const std::string block =
      "-----BEGIN ARGO TUNNEL TOKEN-----\nbWFkZQ==\n-----END ARGO TUNNEL TOKEN-----";
  CHECK(places_of(unwrap("x.service", text + block + "\n")) ==
        Lines{"systemd-unit:20003 other any_value: " + block});
}

TEST_CASE("the same secret on two lines is two excerpts, on one line it is one") {
  CHECK(
      places_of(unwrap("x.service", filled("[Service]\nExecStart=/x --token TOKEN!\nExecReload=/x "
                                           "--token TOKEN!\n")))
          .size() == 2);
  CHECK(places_of(
            unwrap("config.v2.json",
                   filled("{\"Cmd\":[\"--token\",\"TOKEN!\"],\"Args\":[\"--token\",\"TOKEN!\"]}")))
            .size() == 1);
}

TEST_CASE("a definition that names a secret elsewhere has none") {
  for (const std::string_view text :
       {"[Service]\nExecStart=/x --token ${TUNNEL_TOKEN}\n",
        "[Service]\nExecStart=/x --token-file /y\n", "[Service]\nEnvironment=TUNNEL_TOKEN=\n",
        "[Service]\nExecStart=/x --token eyJhIjoi...\n",
        "[Service]\nExecStart=/x --token YOUR_TOKEN_HERE_IN_ALL_ITS_LENGTH_AND_MORE\n"}) {
    CAPTURE(text);
    CHECK(unwrap_systemd_unit("x.service", text).excerpts.empty());
  }
}

TEST_CASE("files are told apart by what they hold") {
  const auto carrier_of = [](std::string_view file_name, std::string_view bytes) {
    for (const Carrier& carrier : all_carriers()) {
      if (carrier.takes(file_name, bytes)) return carrier.name;
    }
    return std::string_view{};
  };
  CHECK(carrier_of("x.service", "[Service]\nExecStart=/x\n") == "systemd-unit");
  CHECK(carrier_of("x.conf", "[Service]\nEnvironment=A=b\n") == "systemd-unit");
  CHECK(carrier_of("x.conf", "[main]\nkey=value\n") == "whole-file");
  CHECK(carrier_of("cloudflared", "TUNNEL_TOKEN=x\n") == "env-file");
  CHECK(carrier_of("prod.env", "A=\"--token x\"\n") == "env-file");
  CHECK(carrier_of("config.yml", "tunnel: x\n") == "cloudflared-config");
  CHECK(carrier_of("config.json", "{\"auths\": {}}") == "whole-file");
  CHECK(carrier_of("x.json", "{\"AccountTag\":\"x\"}") == "whole-file");
  CHECK(carrier_of("token", "eyJ") == "whole-file");
  CHECK(carrier_of("notes", "at 5 * 3 or so\n") == "whole-file");
  CHECK(carrier_of("crontab", "# m h\n0 3 * * 0 root x\n") == "crontab");
  CHECK(carrier_of("values.yaml", "kind: x\n") == "whole-file");
}
