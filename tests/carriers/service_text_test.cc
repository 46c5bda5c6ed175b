#include "cfwarden/carriers/service_text.h"

#include "cfwarden/base/base64.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

constexpr std::string_view removed = "CFWARDEN-REMOVED-SECRET";

std::string without(std::string_view text) {
  return without_secrets(text, removed);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// `X` stands for the secret before and for the placeholder after.
std::string with(std::string_view pattern, std::string_view secret) {
  return replaced(std::string{pattern}, "X", secret);
}

const std::string token = base64_of(
    "{\"a\":\"699d98642c564d2e855e9661899b7252\",\"t\":\"6f1b2c3d-0000-4000-8000-"
    "00000000000a\",\"s\":\"bWFkZS11cC1zZWNyZXQtb2YtMzItYnl0ZXMtMTIzNDU=\"}");

// Where X stands, whatever it is, is a secret.
constexpr std::array<std::string_view, 74> named_places{
    "ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run --token X",
    "ExecStart=/usr/bin/cloudflared tunnel run --token=X\nUser=cloudflared\n",
    "ExecStart=/usr/bin/cloudflared tunnel run \"--token\" \"X\" --loglevel info",
    "ExecStart=/usr/bin/cloudflared tunnel run '--token=X' web",
    "ExecStart=/usr/bin/cloudflared tunnel run -token X web",
    "ExecStart=/usr/bin/cloudflared \\\n  tunnel run \\\n  --token \\\n  X \\\n  web\nUser=x\n",
    "ExecStart=/usr/bin/cloudflared tunnel run --token\tX",
    "Environment=TUNNEL_TOKEN=X\n",
    "Environment=TUNNEL_TOKEN=X TUNNEL_LOGLEVEL=info\n",
    "Environment=\"TUNNEL_TOKEN=X\" \"TUNNEL_LOGLEVEL=info\"\n",
    "Environment='TUNNEL_TOKEN=X'\n",
    "Environment=\"A=b\" \"CLOUDFLARE_TUNNEL_TOKEN=X\"\n",
    "SetCredential=token:X\n",
    "TUNNEL_TOKEN=X\n",
    "TUNNEL_TOKEN=\"X\"\n",
    "export TUNNEL_TOKEN='X'\n",
    "TUNNEL_TOKEN = X\n",
    "CF_API_TOKEN=X\n# of the dashboard\nB=c\n",
    "TUNNEL_CRED_CONTENTS='X'\n",
    "MY_DB_PASSWORD=X\n",
    "CF_ACCESS_CLIENT_SECRET=X\n",
    "TUNNEL_TOKEN=X exec cloudflared tunnel run\n",
    "TUNNEL_TOKEN=X; export TUNNEL_TOKEN\n",
    "cloudflared service install X\n",
    "cloudflared.exe service install \"X\"\n",
    "command_args=\"tunnel run --token X\"\n",
    "command_args='tunnel run --token X'\nrespawn=yes\n",
    "@reboot root /usr/bin/cloudflared tunnel run --token X >/dev/null 2>&1\n",
    "* * * * * root TUNNEL_TOKEN=X /usr/bin/cloudflared tunnel run\n",
    "sh -c \"cloudflared tunnel run --token X\"\n",
    "sh -c 'exec cloudflared tunnel run --token X'\n",
    "[program:tunnel]\ncommand=cloudflared tunnel run --token X\n",
    "environment=TUNNEL_TOKEN=\"X\",B=\"c\"\n",
    "environment=B=\"c\",TUNNEL_TOKEN='X'\n",
    "docker run -e TUNNEL_TOKEN=X cloudflare/cloudflared tunnel run\n",
    "docker run --env=TUNNEL_TOKEN=X cloudflare/cloudflared\n",
    "docker run --env \"TUNNEL_TOKEN=X\" cloudflare/cloudflared\n",
    "    command: tunnel --no-autoupdate run --token X\n    restart: always\n",
    "    command: [\"tunnel\", \"run\", \"--token\", \"X\"]\n",
    "    command: [\"tunnel\",\"run\",\"--token=X\"]\n",
    "    command: [tunnel, run, --token, X]\n",
    "    command:\n      - tunnel\n      - --token\n      - X\n      - web\n",
    "    command:\n      - \"--token\"\n      - \"X\"\n",
    "    command:\n      - '--token=X'\n",
    "    command:\n      - --token=X\n",
    "    environment:\n      - TUNNEL_TOKEN=X\n      - B=c\n",
    "    environment:\n      - \"TUNNEL_TOKEN=X\"\n",
    "    environment:\n      TUNNEL_TOKEN: X\n      B: c\n",
    "    environment:\n      TUNNEL_TOKEN: \"X\"\n",
    "    environment:\n      TUNNEL_TOKEN: 'X' # mine\n",
    "    environment: {TUNNEL_TOKEN: X, B: c}\n",
    "token: X\ntunnel: web\n",
    "token:\n  X\ntunnel: web\n",
    "token: |\n  X\ntunnel: web\n",
    "token: >-\n  X\n\ntunnel: web\n",
    "forwarders:\n  - serviceTokenSecret: X\n",
    "stringData:\n  token: X\n",
    "        env:\n        - name: TUNNEL_TOKEN\n          value: X\n        - name: B\n",
    "        env:\n        - name: \"TUNNEL_TOKEN\"\n          value: \"X\"\n",
    "{\"env\":[{\"name\":\"TUNNEL_TOKEN\",\"value\":\"X\"}]}",
    "{\"Env\":[\"PATH=/bin\",\"TUNNEL_TOKEN=X\"],\"Cmd\":[\"tunnel\",\"run\"]}",
    "{\"Cmd\":[\"tunnel\",\"--token\",\"X\"]}",
    "{\n  \"args\": [\n    \"--token\",\n    \"X\"\n  ]\n}\n",
    "{\"AccountTag\":\"a\",\"TunnelSecret\":\"X\",\"TunnelID\":\"b\"}",
    "{\"AccountTag\": \"a\", \"tunnelSecret\" : \"X\"}",
    "{\"c\":\"{\\\"TunnelSecret\\\":\\\"X\\\"}\"}",
    "{\"a\":\"b\",\"s\":\"X\"}",
    "<string>--token</string>\n  <string>X</string>\n<string>web</string>",
    "<key>TUNNEL_TOKEN</key>\n<string>X</string>",
    "<string>--token=X</string>",
    "option token 'X'\n",
    "  token = \"X\";\n",
    "tunnel_secret = \"X\"\n",
    "Settings: map[loglevel:info token:X url:x]",
};

}  // namespace

TEST_CASE("what stands where a secret belongs is replaced, and nothing else") {
  for (const std::string_view place : named_places) {
    CAPTURE(place);
    for (const std::string& secret :
         {std::string{"MADE+UP/short"}, token, std::string{"made.up-16.bytes"}}) {
      CAPTURE(secret);
      if (place.find("install") != place.npos && secret.size() < 20) continue;
      CHECK(without(with(place, secret)) == with(place, removed));
    }
  }
}

TEST_CASE("what stands there is replaced in lines that end as on Windows, too") {
  for (const std::string_view place : named_places) {
    CAPTURE(place);
    const std::string windows = replaced(std::string{place}, "\n", "\r\n");
    CHECK(without(with(windows, token)) == with(windows, removed));
  }
}

TEST_CASE("secrets with blanks in them go as a whole") {
  for (const std::string_view place :
       {"PASSWORD=X\n", "Environment=\"PASSWORD=X\"\n", "password: X\n", "password: \"X\"\n",
        "{\"password\":\"X\",\"b\":1}", "      - DB_PASSWORD=X\n", "PASSWORD='X'\nB=c\n"}) {
    CAPTURE(place);
    CHECK(without(with(place, "made up horse battery")) == with(place, removed));
  }
}

TEST_CASE("a name whose value would stand on the next line hides nothing there") {
  CHECK(without_secrets("args: [\"--token\",\noption token 'Xq7rB2mWk9TzLp4V'\n", "GONE") ==
        "args: [\"--token\",\nGONE token 'GONE'\n");
}

TEST_CASE("a token goes wherever it stands") {
  for (const std::string_view place :
       {"X", "# X\n", "ExecStart=/opt/wrapper X\n", "x-X\n", "prefix/X", "'X'", "(X)", "foo=X&b=c",
        "data:\n  connector: X\n", "ExecStart=a,X,b", "b\"X\""}) {
    CAPTURE(place);
    CHECK(without(with(place, token)) == with(place, removed));
    CHECK(without(with(place, base64_of(token))) == with(place, removed));
  }
  CHECK(without("x=" + replaced(token, "=", "%3D") + "&b") == "x=" + std::string{removed} + "&b");
}

TEST_CASE("a token that is broken over lines goes as a whole, and its lines stay") {
  const std::string first = token.substr(0, 70);
  const std::string second = token.substr(70, 70);
  const std::string third = token.substr(140);
  const std::string mark{removed};
  struct Case {
    std::string before, after;
  };
  for (const Case& row : {
           Case{"--token " + first + "\\\n" + second + "\\\n" + third + "\nUser=x\n",
                "--token " + mark + "\\\n\\\n\nUser=x\n"},
           Case{"ExecStart=x " + first + "\\\n  " + second + "\\\n  " + third + " \\\n  web\n",
                "ExecStart=x " + mark + "\\\n\\\n \\\n  web\n"},
           Case{"token: |\n  " + first + "\n  " + second + "\n  " + third + "\nb: c\n",
                "token: |\n  " + mark + "\n\n\nb: c\n"},
           Case{"key: |\n  " + first + "\n  " + second + "\n  " + third + "\nb: c\n",
                "key: |\n  " + mark + "\n\n\nb: c\n"},
           Case{"'" + first + "\r\n" + second + "\r\n" + third + "'\r\nb\r\n",
                "'" + mark + "\n\n'\r\nb\r\n"},
       }) {
    CHECK(without(row.before) == row.after);
    CHECK(without(row.after) == row.after);
  }
}

TEST_CASE("a token that is whole takes no word of the next line with it") {
  CHECK(without("ExecStart=x " + token + " \\\n  web\n") ==
        "ExecStart=x " + std::string{removed} + " \\\n  web\n");
  CHECK(without("ExecStart=x " + replaced(token, "=", "") + "\\\n  web\n") ==
        "ExecStart=x " + std::string{removed} + "\\\n  web\n");
}

TEST_CASE("the body of a PEM block goes, its frame stays") {
  const std::string body = "TUFERS1VUC1NQURFLVVQLU1BREUtVVAtTUFERS1VUC1N\nQURFLVVQ\n";
  const std::string mark{removed};
  CHECK(without("a\n-----BEGIN X KEY-----\n" + body + "-----END X KEY-----\nb\n") ==
        "a\n-----BEGIN X KEY-----\n" + mark + "\n\n-----END X KEY-----\nb\n");
  CHECK(without("k: \"-----BEGIN X-----\\nTUFERS1VUA==\\n-----END X-----\\n\"") ==
        "k: \"-----BEGIN X-----\\n" + mark + "\\n-----END X-----\\n\"");
  CHECK(without("-----BEGIN X-----\n" + body.substr(0, 45) + "[Install]\n") ==
        "-----BEGIN X-----\n" + mark + "\n[Install]\n");
  CHECK(without("-----BEGIN X-----\n-----END X-----\n") == "-----BEGIN X-----\n-----END X-----\n");
}

TEST_CASE("arguments and variables of a process end at their NUL only") {
  using namespace std::string_literals;
  const std::string mark{removed};
  CHECK(without("cloudflared\0tunnel\0run\0--token\0made up\0web\0"s) ==
        "cloudflared\0tunnel\0run\0--token\0"s + mark + "\0web\0"s);
  CHECK(without("cloudflared\0--token=made up\0"s) == "cloudflared\0--token="s + mark + "\0"s);
  CHECK(without("A=b\0TUNNEL_TOKEN=\"made\nup\0C=d\0"s) ==
        "A=b\0TUNNEL_TOKEN="s + mark + "\n\0C=d\0"s);
  CHECK(without("cloudflared\0service\0install\0short\0"s) ==
        "cloudflared\0service\0install\0"s + mark + "\0"s);
  CHECK(without("sh\0-c\0cloudflared tunnel run --token made-up\0"s) ==
        "sh\0-c\0cloudflared tunnel run --token "s + mark + "\0"s);
  CHECK(without("cloudflared\0--token\0\0--token-file\0/x\0"s) ==
        "cloudflared\0--token\0\0--token-file\0/x\0"s);
}

TEST_CASE("what leads to a secret elsewhere stays") {
  for (const std::string_view text : {
           "ExecStart=cloudflared tunnel run --token $TUNNEL_TOKEN\n",
           "ExecStart=cloudflared tunnel run --token ${TUNNEL_TOKEN} web\n",
           "ExecStart=cloudflared tunnel run --token %i\n",
           "ExecStart=cloudflared tunnel run --token-file %d/token\n",
           "cloudflared tunnel run --token \"$(cat /etc/cloudflared/token)\"\n",
           "cloudflared tunnel run --token $(cat /etc/cloudflared/token) web\n",
           "cloudflared tunnel run --token `cat /etc/cloudflared/token`\n",
           "TUNNEL_TOKEN=${{ secrets.TUNNEL_TOKEN }}\n",
           "token: {{ .Values.token }}\n",
           "token: \"{{ .Values.token }}\"\n",
           "      - TUNNEL_TOKEN=${TUNNEL_TOKEN}\n",
           "      - TUNNEL_TOKEN\n      - B=c\n",
           "      TUNNEL_TOKEN: ${TUNNEL_TOKEN:?}\n",
           "TUNNEL_TOKEN=\nB=c\n",
           "TUNNEL_TOKEN=\"\"\n",
           "TUNNEL_TOKEN= exec cloudflared tunnel run\n",
           "token: null\n",
           "token:\ntunnel: web\n",
           "token: ''\n",
       }) {
    CAPTURE(text);
    CHECK(without(text) == text);
  }
}

TEST_CASE("a command that prints a secret stays, whatever quotes are around it") {
  for (const std::string_view text : {
           "ExecStart=/bin/sh -c 'TUNNEL_TOKEN=\"$(cat /etc/cloudflared/t)\" cloudflared tunnel "
           "run'\n",
           "ExecStart=/bin/sh -c 'TUNNEL_TOKEN=$(cat /etc/cloudflared/t) cloudflared tunnel run'\n",
           "ExecStart=/bin/sh -c 'TUNNEL_TOKEN=`cat /etc/cloudflared/t` cloudflared tunnel run'\n",
           "ExecStart=/bin/sh -c \"TUNNEL_TOKEN=$$(cat /etc/cloudflared/t) cloudflared tunnel "
           "run\"\n",
           "ExecStart=/bin/sh -c \"TUNNEL_TOKEN='$(cat /etc/cloudflared/t)' cloudflared run\"\n",
           "ExecStart=/bin/sh -c \"TUNNEL_TOKEN=\\\"$(cat /etc/t)\\\" cloudflared tunnel run\"\n",
           "ExecStart=/bin/sh -c \"TUNNEL_TOKEN=\\$(cat /etc/t) cloudflared tunnel run\"\n",
           "ExecStart=/bin/bash -lc 'export TUNNEL_TOKEN=$(cat /etc/t); exec cloudflared tunnel "
           "run'\n",
           "ExecStart=/bin/sh -c 'env TUNNEL_TOKEN=$(cat /etc/t) cloudflared tunnel run'\n",
           "ExecStart=/bin/sh -c 'env \"TUNNEL_TOKEN=$(cat /etc/t)\" cloudflared tunnel run'\n",
           "ExecStart=/bin/sh -c 'TUNNEL_TOKEN=\"$TOKEN\" cloudflared tunnel run'\n",
           "ExecStart=/bin/sh -c 'TUNNEL_TOKEN=${TOKEN} exec cloudflared tunnel run'\n",
           "ExecStart=/bin/sh -c 'TUNNEL_TOKEN=$TOKEN; cloudflared tunnel run'\n",
           "[\"sh\",\"-c\",\"TUNNEL_TOKEN=$(cat /etc/t) cloudflared tunnel run\"]\n",
           "TUNNEL_TOKEN=\"$(cat \"$D/token\")\" exec cloudflared tunnel run\n",
           "TUNNEL_TOKEN=$(cat \"$(dirname \"$0\")/token\" | tr -d '\\n') cloudflared tunnel run\n",
           "TUNNEL_TOKEN=$(cat /etc/t) tunnel-wrapper run web\n",
           "TUNNEL_TOKEN=$TOKEN tunnel-wrapper run web\n",
           "export TUNNEL_TOKEN=$(</etc/t) tunnel-wrapper\n",
           "TUNNEL_TOKEN=$(cat /etc/t)&&cloudflared tunnel run\n",
           "TUNNEL_TOKEN=\"$(cat /etc/t)\";exec cloudflared tunnel run\n",
           "TUNNEL_TOKEN=\"${TUNNEL_TOKEN:-$(cat /etc/t)}\"\nexec cloudflared tunnel run\n",
           "TUNNEL_TOKEN=\"$(\n  cat /etc/t\n)\"\nexec cloudflared tunnel run\n",
           "TUNNEL_TOKEN=$(sed 's/(//' /etc/t) cloudflared tunnel run\n",
           "TUNNEL_TOKEN=$(awk '{print $2}' token) cloudflared tunnel run\n",
           "TUNNEL_TOKEN=$(jq -r .t 6f1b2c3d-0000-4000-8000-00000000000a.json) cloudflared\n",
           "TUNNEL_TOKEN=$(printf '%s' \"$(cat /etc/t)\") cloudflared tunnel run\n",
           "        - --token\n        - $(TUNNEL_TOKEN)\n",
           "TOKEN=/etc/cloudflared/token\n",
           "TOKEN=$D/token\n",
           "TOKEN=${D}/token; cloudflared tunnel run --token-file $TOKEN\n",
       }) {
    CAPTURE(text);
    CHECK(without(text) == text);
  }
}

TEST_CASE("what stands around such a command, or is spelled out in it, goes") {
  struct Case {
    std::string_view before, after;
  };
  for (const Case& row : {
           Case{"TUNNEL_TOKEN=X$(cat /etc/t)\n", "TUNNEL_TOKEN=X$(cat /etc/t)\n"},
           Case{"TUNNEL_TOKEN=$(cat /etc/t)X\n", "TUNNEL_TOKEN=$(cat /etc/t)X\n"},
           Case{"TUNNEL_TOKEN=\"$(cat /etc/t) X\"\n", "TUNNEL_TOKEN=\"$(cat /etc/t) X\"\n"},
           Case{"TUNNEL_TOKEN='`cat /etc/t`X'\n", "TUNNEL_TOKEN='`cat /etc/t`X'\n"},
           Case{"--token \"X$(cat t)X\" web\n", "--token \"X$(cat t)X\" web\n"},
           Case{"TUNNEL_TOKEN=${T:-X}\n", "TUNNEL_TOKEN=X\n"},
           Case{"TUNNEL_TOKEN=$(echo X)\n", "TUNNEL_TOKEN=$(echo X)\n"},
           Case{"TUNNEL_TOKEN=`echo X`\n", "TUNNEL_TOKEN=`echo X`\n"},
           Case{"TUNNEL_TOKEN=$(printf %s X) cloudflared\n",
                "TUNNEL_TOKEN=$(printf %s X) cloudflared\n"},
           Case{"sh -c 'TUNNEL_TOKEN=\"$(/bin/echo -n \"X\" | rev)\" cloudflared'\n",
                "sh -c 'TUNNEL_TOKEN=\"$(/bin/echo -n \"X\" | rev)\" cloudflared'\n"},
           Case{"sh -c \"TUNNEL_TOKEN=\\$(printf '%s' 'X') cloudflared\"\n",
                "sh -c \"TUNNEL_TOKEN=\\$(printf '%s' 'X') cloudflared\"\n"},
           Case{"TUNNEL_TOKEN=$(base64 -d <<<X)\n", "TUNNEL_TOKEN=$(base64 -d <<<X)\n"},
           Case{"TUNNEL_TOKEN=$(cat <<'-'\nX\n-\n)\n", "TUNNEL_TOKEN=$(cat <<'-'\nX\n-\n)\n"},
           Case{"TUNNEL_TOKEN=$(cat /etc/t; echo X) cloudflared\n",
                "TUNNEL_TOKEN=$(cat /etc/t; echo X) cloudflared\n"},
           Case{"TUNNEL_TOKEN=$(sh -c 'echo X')\n", "TUNNEL_TOKEN=$(sh -c 'echo X')\n"},
           Case{"TUNNEL_TOKEN=$(echo $(date) X)\n", "TUNNEL_TOKEN=$(echo $(date) X)\n"},
           Case{"TUNNEL_TOKEN=\"$(echo \"X\")\"\n", "TUNNEL_TOKEN=\"$(echo \"X\")\"\n"},
           Case{"TUNNEL_TOKEN=$(TUNNEL_TOKEN=X show)\n", "TUNNEL_TOKEN=$(TUNNEL_TOKEN=X show)\n"},
           Case{"TUNNEL_TOKEN=$(TUNNEL_TOKEN=$(echo X) show)\n",
                "TUNNEL_TOKEN=$(TUNNEL_TOKEN=$(echo X) show)\n"},
           Case{"TUNNEL_TOKEN=$(curl -H 'Authorization: X' /etc/t)\n",
                "TUNNEL_TOKEN=$(curl -H 'Authorization: X' /etc/t)\n"},
           Case{"-H \"Authorization: Bearer $(cat /etc/t)\" x\n",
                "-H \"Authorization: X $(cat /etc/t)\" x\n"},
           Case{"token = open('/etc/t').read()\n", "token = X('/etc/t')X()\n"},
           Case{"db_secret: \"host=/var/run/db;password=X\"\n", "db_secret: \"X=/var/run/db;X\"\n"},
           Case{"TOKEN=$6$a/X\n", "TOKEN=X\n"},
           Case{"Environment=\"TUNNEL_TOKEN=$X Y\"\n", "Environment=\"TUNNEL_TOKEN=X\"\n"},
       }) {
    CAPTURE(row.before);
    for (const std::string& secret : {std::string{"made-up-secret"}, token,
                                      std::string{"Xq7rB2mWk9"}, std::string{"/kD+x9/made2Up"}}) {
      const std::string out = without(with(row.before, secret));
      CHECK(out == with(row.after, removed));
      CHECK(without(out) == out);
    }
  }
  CHECK(without("TUNNEL_TOKEN=${T:=$(cat /etc/t)}") == "TUNNEL_TOKEN=${T:=$(cat /etc/t)}");
  CHECK(without("TUNNEL_TOKEN=$(show Xq7rB2mWk9TzLp4V)\n") ==
        with("TUNNEL_TOKEN=$(show X)\n", removed));
}

TEST_CASE("paths, ids, names and numbers stay") {
  for (const std::string_view text : {
           "--credentials-file /etc/cloudflared/6f1b2c3d-0000-4000-8000-00000000000a.json",
           "/root/.cloudflared/6F1B2C3D-0000-4000-8000-00000000000A.json",
           "699d98642c564d2e855e9661899b7252699d98642c564d2e855e9661899b7252",
           "/var/lib/docker/containers/"
           "699d98642c564d2e855e9661899b7252699d98642c564d2e855e9661899b7252/config.v2.json",
           "/nix/store/0c9sjkwzr3x6kvrwvcsaw6wfimf3rw3d-cloudflared-2024.1.0/bin/cloudflared",
           "--token-file /run/credentials/cloudflared.service/token",
           "LoadCredential=token:/etc/cloudflared/token",
           "LoadCredential=tunnel-token:cf-token",
           "LoadCredentialEncrypted=token:/etc/credstore/token",
           "TUNNEL_TOKEN_FILE=/etc/cloudflared/token",
           "      - ./token:/etc/cloudflared/token:ro",
           "-v /srv/token:/run/secrets/token:ro",
           "secretName: cloudflared-token",
           "secrets:\n  - tunnel\n  - web\n",
           "secrets:\n  cf_token:\n    file: ./token\n",
           "        valueFrom:\n          secretKeyRef:\n            name: tunnel\n",
           "Secret=cf_token,type=env,target=TUNNEL_TOKEN",
           "--secret cf_token,type=env,target=TUNNEL_TOKEN",
           "automountServiceAccountToken: false",
           "kind: Secret\nmetadata:\n  name: tunnel-token\n  namespace: web\n",
           "this_is_a_name_with_many_words_in_it_and_then_some_more_of_them",
           "CloudflareTunnelConnectorServiceAccountNameForTheCluster",
           "# installed by cloudflared service install, see the token there\n",
           "if [ -z \"$TUNNEL_TOKEN\" ]; then exit 1; fi\n",
           "systemctl enable cloudflared-6f1b2c3d-0000-4000-8000-00000000000a.service",
           "User=cloudflared\nGroup=cloudflared\nWorkingDirectory=/var/lib/cloudflared\n",
       }) {
    CAPTURE(text);
    CHECK(without(text) == text);
  }
}

namespace {

// A generator whose numbers are the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_{seed} {}
  std::size_t below(std::size_t count) { return engine_() % count; }

 private:
  std::mt19937 engine_;
};

std::string random_bytes(Dice& dice, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(dice.below(256));
  return bytes;
}

std::string url_alphabet(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  std::erase(text, '=');
  return text;
}

std::string random_token(Dice& dice) {
  return base64_of(
      "{\"a\":\"699d98642c564d2e855e9661899b7252\",\"t\":\"6f1b2c3d-0000-4000-8000-"
      "00000000000a\",\"s\":\"" +
      base64_of(random_bytes(dice, 32)) + "\"}");
}

std::string random_word(Dice& dice, std::size_t size) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_.";
  std::string word{letters[dice.below(26)]};
  while (word.size() < size) word += letters[dice.below(letters.size())];
  return word;
}

std::size_t lines_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

// Twelve bytes of the secret in a row.
bool survives(std::string_view secret, std::string_view text) {
  for (std::size_t at = 0; at + 12 <= secret.size(); ++at) {
    if (text.find(secret.substr(at, 12)) != text.npos) return true;
  }
  return false;
}

constexpr std::array<std::string_view, 8> around{
    "",
    "[Service]\nUser=cloudflared\n",
    "# it's mine\n",
    "{\"b\": \"c\"}\n",
    "services:\n  tunnel:\n    image: cloudflare/cloudflared\n",
    "#!/bin/sh\nset -e\n",
    "a=\"b'c\"\n",
    "\n\n",
};

}  // namespace

TEST_CASE("no twelve bytes of a secret survive where one belongs") {
  Dice dice{1};
  for (int round = 0; round < 40; ++round) {
    for (const std::string_view place : named_places) {
      const bool is_word = dice.below(2) == 0 && place.find("install") == place.npos;
      const std::string secret =
          is_word ? random_word(dice, 12 + dice.below(40)) : random_token(dice);
      const std::string text = std::string{around[dice.below(around.size())]} +
                               with(place, secret) + std::string{around[dice.below(around.size())]};
      const std::string out = without(text);
      CAPTURE(text);
      CAPTURE(out);
      REQUIRE_FALSE(survives(secret, out));
      REQUIRE(lines_of(out) == lines_of(text));
      REQUIRE(without(out) == out);
    }
  }
}

TEST_CASE("no long random base64 survives anywhere") {
  Dice dice{2};
  for (int round = 0; round < 20'000; ++round) {
    const std::size_t size = 30 + dice.below(40);
    std::string secret = base64_of(random_bytes(dice, size));
    if (dice.below(2) == 0) secret = url_alphabet(std::move(secret));
    const std::string text = "ExecStart=/usr/bin/run " + secret + "\nUser=x\n";
    CAPTURE(text);
    REQUIRE_FALSE(survives(secret, without(text)));
  }
}

TEST_CASE("the time is linear in the text, however hostile it is") {
  for (const std::string_view piece : {"--token ",
                                       "--token \"",
                                       "token: |\n",
                                       "token:\n",
                                       "TOKEN=${",
                                       "TOKEN=$(",
                                       "TOKEN=$(\n",
                                       "TOKEN=a$(",
                                       "TOKEN=`",
                                       "TOKEN=\"$(",
                                       "$(",
                                       "TOKEN=a/",
                                       "TOKEN=$a/",
                                       "eyJ\n",
                                       "eyJ",
                                       "-----BEGIN ",
                                       "-----BEGIN X-----\n",
                                       "\\\"",
                                       "token='",
                                       "--token `",
                                       "secret=[1,",
                                       " ",
                                       "token\\\\\\\"",
                                       "<string>--token</string><string>",
                                       "name: token\n",
                                       "service install ",
                                       "--secret x,type=",
                                       "token: a\n  b\n",
                                       "password:{{",
                                       "s\":\"",
                                       "eyJhIjoi\\\n",
                                       "=%3D"}) {
    CAPTURE(piece);
    std::string hostile;
    while (hostile.size() < 1024 * 1024) hostile += piece;
    // Brackets are closed, too.
    if (hostile.ends_with('(')) hostile.append(hostile.size() / 2, ')');
    const std::string out = without(hostile);
    CHECK(lines_of(out) == lines_of(hostile));
  }
}

TEST_CASE("texts that have to do with cloudflared are told from others") {
  using namespace std::string_literals;
  for (const std::string& text : {
           "ExecStart=/usr/bin/cloudflared tunnel run\n"s,
           "Environment=TUNNEL_TOKEN_FILE=/x\n"s,
           "ExecStart=/opt/cf tunnel --no-autoupdate run web\n"s,
           "ExecStart=/opt/cf tunnel \\\n  run web\n"s,
           "command: [\"tunnel\", \"run\", \"web\"]\n"s,
           "command:\n  - tunnel\n  - run\n"s,
           "/opt/cf\0tunnel\0run\0web\0"s,
           "ExecStart=/opt/cf --origincert /x\n"s,
           "ExecStart=/opt/cf " + token + "\n",
           "ExecStart=-/usr/local/bin/tunnel.sh\n"s,
           "ExecStart=/bin/sh /root/start\n"s,
       }) {
    CAPTURE(text);
    CHECK(may_concern_cloudflared(text));
  }
  for (const std::string& text : {
           ""s,
           "ExecStart=/usr/sbin/sshd -D\n"s,
           "Description=SSH tunnel\nRuntimeDirectory=tunnel\nPIDFile=/run/tunnel/run.pid\n"s,
           "ExecStart=/usr/bin/autossh -N tunnel\nExecStop=/bin/true\n"s,
           "Environment=eyJhIjoi\n"s,
           "ExecStart=/usr/share/x/start.sh\nWorkingDirectory=/opt/x\n"s,
       }) {
    CAPTURE(text);
    CHECK_FALSE(may_concern_cloudflared(text));
  }
}
