#include "cfwarden/host/examine.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/kinds/kind.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

// Made up: account, tunnel and secret of ones and twos.
const std::string account = "11111111111111111111111111111111";
const std::string tunnel = "22222222-2222-4222-8222-222222222222";
// {"a":"1111...","t":"2222...","s":"bWFkZSB1cCBtYWRlIHVwIG1hZGUgdXAgbWFkZSB1cCE="}
const std::string token =
    "eyJhIjoiMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEiLCJ0IjoiMjIyMjIyMjItMjIyMi00MjIyLTgyMjIt"
    "MjIyMjIyMjIyMjIyIiwicyI6ImJXRmtaU0IxY0NCdFlXUmxJSFZ3SUcxaFpHVWdkWEFnYldGa1pTQjFjQ0U9In0=";
const std::string credentials_json = "{\"AccountTag\":\"" + account +
                                     "\",\"TunnelSecret\":"
                                     "\"bWFkZSB1cCBtYWRlIHVwIG1hZGUgdXAgbWFkZSB1cCE=\","
                                     "\"TunnelID\":\"" +
                                     tunnel + "\"}";
// The same with another secret: base64 of "MADE UP made up made up made up!".
const std::string other_token =
    "eyJhIjoiMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEiLCJ0IjoiMjIyMjIyMjItMjIyMi00MjIyLTgyMjIt"
    "MjIyMjIyMjIyMjIyIiwicyI6IlRVRkVSU0JWVUNCdFlXUmxJSFZ3SUcxaFpHVWdkWEFnYldGa1pTQjFjQ0U9In0=";
// {"zoneID":"1111...","accountID":"1111...","apiToken":"made up"}
const std::string certificate =
    "-----BEGIN ARGO TUNNEL TOKEN-----\n"
    "eyJ6b25lSUQiOiIxMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMSIsImFjY291bnRJRCI6IjExMTExMTExMT"
    "ExMTExMTExMTExMTExMTExMTExMTExIiwiYXBpVG9rZW4iOiJtYWRlIHVwIn0="
    "\n-----END ARGO TUNNEL TOKEN-----\n";
const std::string uuid_json = tunnel + ".json";

// "carrier:line kind", with " malformed: why" where it is.
std::vector<std::string> recognised(std::string_view name, std::string_view bytes) {
  std::vector<std::string> lines;
  for (const Recognised& one : examine(name, bytes, "").recognised) {
    std::string line = one.carrier;
    if (one.line) line += ":" + std::to_string(*one.line);
    if (const auto* credential = std::get_if<Credential>(&one.decoded)) {
      lines.push_back(line + " " + credential->kind);
    } else if (const auto* malformed = std::get_if<Malformed>(&one.decoded)) {
      lines.push_back(line + " " + malformed->kind + " malformed: " + malformed->why);
    } else {
      lines.push_back(line + " neither");
    }
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a credential is recognised however it is wrapped") {
  struct Case {
    std::string name, bytes, expected;
  };
  for (const Case& row : {
           Case{"token", token, "whole-file tunnel-token"},
           Case{"anything", token, "whole-file tunnel-token"},
           Case{uuid_json, credentials_json, "whole-file tunnel-credentials"},
           Case{"web.json", credentials_json, "whole-file tunnel-credentials"},
           Case{"config.yml", credentials_json, "whole-file tunnel-credentials"},
           Case{"config.yml", "tunnel: a\ntoken: " + token + "\n",
                "cloudflared-config:2 tunnel-token"},
           Case{"web.yml", "token: " + token + "\n", "cloudflared-config:1 tunnel-token"},
           Case{"config.yaml", "credentials-contents: '" + credentials_json + "'\n",
                "cloudflared-config:1 tunnel-credentials"},
           Case{".env", "X=y\nCLOUDFLARE_TUNNEL_TOKEN=" + token + "\n", "env-file:2 tunnel-token"},
           Case{".env", "ARGO_AUTH='" + credentials_json + "'\n", "env-file:1 tunnel-credentials"},
           Case{"cloudflared", "TUNNEL_TOKEN=\"" + token + "\"\n", "env-file:1 tunnel-token"},
       }) {
    CAPTURE(row.name);
    CAPTURE(row.bytes);
    CHECK(recognised(row.name, row.bytes) == Lines{row.expected});
  }
}

TEST_CASE("a token in a service's definition is a usable credential, told with where it stands") {
  struct Case {
    std::string name, text;
    std::size_t line;
    Placement placement;
  };
  for (const Case& row : {
           Case{"x.service", "[Service]\nExecStart=/x --token " + token + "\n", 2,
                Placement::argument},
           Case{"x.service", "[Service]\nEnvironment=TUNNEL_TOKEN=" + token + "\n", 2,
                Placement::environment},
           Case{"x", "#!/bin/sh\ncloudflared service install " + token + "\n", 2,
                Placement::argument},
           Case{"run.sh", "#!/bin/sh\ncloudflared tunnel run --token " + token + "\n", 2,
                Placement::argument},
           Case{"config.yml", "token: " + token + "\n", 1, Placement::configuration},
           Case{".env", "TUNNEL_TOKEN=" + token + "\n", 1, Placement::environment},
       }) {
    CAPTURE(row.text);
    const Examination found = examine(row.name, row.text, "");
    REQUIRE(found.recognised.size() == 1);
    const Recognised& one = found.recognised.front();
    REQUIRE(std::holds_alternative<Credential>(one.decoded));
    CHECK(std::get<Credential>(one.decoded).status == Status::usable);
    CHECK(one.line == row.line);
    CHECK(one.placement == row.placement);
  }
}

TEST_CASE("an Access service token is recognised from its two halves") {
  const std::string id = account + ".access";
  const std::string secret(64, 'a');
  CHECK(recognised("x.env", "CF_ACCESS_CLIENT_ID=" + id + "\nCF_ACCESS_CLIENT_SECRET=" + secret) ==
        Lines{"env-file:2 access-service-token"});
  CHECK(recognised("config.yml", "forwarders:\n- serviceTokenID: " + id +
                                     "\n  serviceTokenSecret: " + secret + "\n") ==
        Lines{"cloudflared-config:3 access-service-token"});
  CHECK(recognised("x.env", "MY_ID=" + id + "\nMY_SECRET=" + secret) ==
        Lines{"whole-file access-service-token"});
}

TEST_CASE("every credential of a whole file is recognised, with its line") {
  struct Case {
    std::string name, bytes;
    Lines expected;
  };
  for (const Case& row : {
           Case{"tokens.txt",
                token + "\n" + other_token + "\n",
                {"whole-file:1 tunnel-token", "whole-file:2 tunnel-token"}},
           Case{"token",
                other_token + "\n\n" + token,
                {"whole-file:1 tunnel-token", "whole-file:3 tunnel-token"}},
           Case{"answer.json",
                "{\"result\":{\n\"token\":\"" + token +
                    "\",\n\"credentials_file\":" + credentials_json + "}}",
                {"whole-file:3 tunnel-credentials", "whole-file:2 tunnel-token"}},
           Case{"both",
                credentials_json + "\n" + certificate,
                {"whole-file:2 account-certificate", "whole-file:1 tunnel-credentials"}},
           Case{"cert.pem",
                certificate + credentials_json,
                {"whole-file:1 account-certificate", "whole-file:4 tunnel-credentials"}},
           Case{uuid_json,
                "{\"x\":\"" + token + "\",\n" + credentials_json.substr(1),
                {"whole-file:1 tunnel-credentials", "whole-file:1 tunnel-token"}},
           Case{"cert.pem",
                token + "\n" + credentials_json,
                {"whole-file:2 tunnel-credentials", "whole-file:1 tunnel-token"}},
       }) {
    CAPTURE(row.name);
    CAPTURE(row.bytes);
    CHECK(recognised(row.name, row.bytes) == row.expected);
    CHECK(examine(row.name, row.bytes, "").problem == "");
  }
}

TEST_CASE("the first credential of a file keeps its own verdict") {
  const Examination found = examine("cert.pem", certificate + token, "");
  REQUIRE(found.recognised.size() == 2);
  CHECK(std::get<Credential>(found.recognised[0].decoded).status == Status::usable);
  CHECK(std::get<Credential>(found.recognised[1].decoded).status == Status::damaged);
}

TEST_CASE("a file that is one credential has no line, however often and wherever it is broken") {
  CHECK(recognised("copies", token + "\n" + token + "\n") == Lines{"whole-file tunnel-token"});
  CHECK(recognised("cert.pem", certificate) == Lines{"whole-file account-certificate"});
  for (std::size_t at = 0; at <= token.size(); ++at) {
    CAPTURE(at);
    CHECK(recognised("token", token.substr(0, at) + "\n" + token.substr(at)) ==
          Lines{"whole-file tunnel-token"});
  }
}

TEST_CASE("a file has as many credentials as are worth reporting, and more of them is a problem") {
  std::string text;
  for (int i = 0; i < 31; ++i) {
    std::string json = credentials_json;
    text += json.replace(json.find("bWFk"), 4, std::to_string(1000 + i)) + "\n";
  }
  CHECK(recognised("many", text).size() == 31);
  CHECK(recognised("many", text + credentials_json).size() == 32);
  CHECK(examine("many", text + credentials_json, "").problem == "");
  const Examination over = examine("many", text + credentials_json + token, "");
  CHECK(over.recognised.size() == 32);
  CHECK(over.problem == "holds more than 32 credentials; the others are not reported");
}

TEST_CASE("an inline token that does not decode is malformed, not silent") {
  const Lines found = recognised("config.yml", "token: madeup\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("cloudflared-config:1 tunnel-token malformed: "));
  CHECK(found[0].find("madeup") == std::string::npos);
}

TEST_CASE("a value under another name counts only when it is a credential") {
  CHECK(recognised("config.yml", "password: 0123456789012345678901234567890123456789\n").empty());
  CHECK(recognised(".env", "KEY=0123456789012345678901234567890123456789\n").empty());
}

TEST_CASE("a configuration's secrets of other services are told by their keys") {
  for (const std::string key :
       {"api-key", "api-ca-key", "secret-id", "access-key-id", "session-token"}) {
    CAPTURE(key);
    CHECK(recognised("config.yml", "tunnel: web\n" + key + ": madeup0123456789\n") ==
          Lines{"cloudflared-config:2 configured-secret"});
    CHECK(recognised("config.yml", key + ": YOUR_API_KEY\n").empty());
    CHECK(recognised("config.yml", key + ": " + token + "\n") ==
          Lines{"cloudflared-config:1 tunnel-token"});
    CHECK(recognised(".env", key + "=madeup0123456789madeup0123456789madeup0123456789\n").empty());
  }
  const Examination found = examine("config.yml", "api-key: madeup0123456789\n", "");
  REQUIRE(found.recognised.size() == 1);
  const auto& secret = std::get<Credential>(found.recognised[0].decoded);
  CHECK(secret.secret_bytes == 16);
  CHECK(secret.fingerprint.starts_with("sha256:"));
}

TEST_CASE("a file with a credential's name and no credential in it is malformed") {
  struct Case {
    std::string name, bytes, expected;
  };
  for (const Case& row : {
           Case{uuid_json, "", "whole-file tunnel-credentials malformed: empty"},
           Case{"token", " \n", "whole-file tunnel-token malformed: empty"},
           Case{"app-aud-token", "made up", "whole-file access-token malformed: "},
           Case{"host-cf_key", "made up", "whole-file ssh-key malformed: "},
           Case{"cert.pem", "made up", "whole-file account-certificate malformed: "},
           Case{"cert.pem.bak", "made up", "whole-file account-certificate malformed: "},
           Case{uuid_json, "{\"a\": 1}", "whole-file tunnel-credentials malformed: "},
       }) {
    CAPTURE(row.name);
    const Lines found = recognised(row.name, row.bytes);
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with(row.expected));
    CHECK(found[0].size() > std::string_view{"x malformed: "}.size());
  }
}

TEST_CASE("what is no secret, or of another program, is not recognised") {
  struct Case {
    std::string name, bytes;
  };
  for (const Case& row : {
           Case{"host-cf_key.pub", "ssh-rsa AAAAMADEUP"},
           Case{"app-aud-token.lock", "{\"pid\": 1}"},
           Case{"app-aud-token.url", "https://example.test/"},
           Case{"team-jwks", "{\"keys\": []}"},
           Case{"config.yml", "tunnel: web\ningress:\n  - service: http_status:404\n"},
           Case{"package.json", "{\"name\": \"made up\"}"},
           Case{"server.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
           Case{"notes.txt", "made up"},
           Case{"empty", ""},
           Case{".env", "# nothing\n"},
       }) {
    CAPTURE(row.name);
    CHECK(recognised(row.name, row.bytes).empty());
    CHECK(examine(row.name, row.bytes, "").problem == "");
  }
}

TEST_CASE("a configuration keeps its pointers, a copy of it does not") {
  const std::string_view text = "tunnel: web\ncredentials-file: /x.json\n";
  const Examination found = examine("config.yml", text, "");
  CHECK(found.is_configuration);
  REQUIRE(found.pointers.size() == 2);
  CHECK(found.pointers[1].key == "credentials-file");
  CHECK(found.pointers[1].line == 2);
  for (const std::string_view name : {"config.yml.bak", "config.yml~", ".config.yml.swp"}) {
    CAPTURE(name);
    const Examination copy = examine(name, text, "");
    CHECK_FALSE(copy.is_configuration);
    CHECK(copy.pointers.empty());
  }
}

TEST_CASE("a backup is examined as the file it is a copy of") {
  CHECK(recognised("config.yml.dpkg-old", "token: " + token + "\n") ==
        Lines{"cloudflared-config:1 tunnel-token"});
  CHECK(recognised("#token#", token) == Lines{"whole-file tunnel-token"});
}

TEST_CASE("a file over its cap is malformed by its name, and a problem for a configuration") {
  const std::string large(max_credential_bytes + 1, 'x');
  CHECK(recognised("cert.pem", large) ==
        Lines{"whole-file account-certificate malformed: larger than the cap of 65,536 bytes for a "
              "credential"});
  CHECK(recognised("cert.pem.old", large).size() == 1);
  CHECK(recognised("notes", large).empty());
  CHECK(examine("notes", large, "").problem == "");

  const std::string larger(max_configuration_bytes + 1, '#');
  for (const std::string_view name : {"config.yml", "config.yml.bak", ".env"}) {
    CAPTURE(name);
    CHECK(recognised(name, larger).empty());
    CHECK(examine(name, larger, "").problem ==
          "larger than the cap of 1,048,576 bytes for a configuration");
  }
}

TEST_CASE("a credential that no carrier finds is found as in a sweep") {
  struct Case {
    std::string name, bytes, expected;
  };
  const std::string secret = "bWFkZSB1cCBtYWRlIHVwIG1hZGUgdXAgbWFkZSB1cCE=";
  const std::string ids = "account_id = \"" + account + "\"\ntunnel_id = \"" + tunnel + "\"\n";
  for (const Case& row : {
           Case{"notes.txt", "x\n" + base64_of(base64_of(credentials_json)) + "\n",
                "other:2 tunnel-credentials"},
           Case{"secret.yaml",
                "apiVersion: v1\nkind: Secret\ndata:\n  token: " + base64_of(base64_of(token)) +
                    "\n",
                "kubernetes-manifest:4 tunnel-token"},
           Case{"prod.tfvars", ids + "tunnel_secret = \"" + secret + "\"\n",
                "terraform-variables:3 tunnel-credentials"},
           Case{"terraform.tfstate",
                "{\"version\": 4, \"outputs\": {\"tunnel_secret\": {\n\"value\": \"" + secret +
                    "\"}}}",
                "terraform-state:2 tunnel-secret"},
           Case{".env", "A=1\nCERT=" + base64_of(certificate) + "\n",
                "env-file:2 account-certificate"},
           Case{"run.service",
                "[Service]\nExecStart=/bin/sh -c 'echo " + base64_of(credentials_json) +
                    " | base64 -d'\n",
                "systemd-unit:2 tunnel-credentials"},
       }) {
    CAPTURE(row.name);
    CHECK(recognised(row.name, row.bytes) == Lines{row.expected});
  }
}

TEST_CASE("what a sweep finds in bytes that are no text has no line") {
  std::string page = "account_id=" + account + "\ntunnel_id=" + tunnel;
  page += std::string("\0\n", 2) + "tunnel_secret=bWFkZSB1cCBtYWRlIHVwIG1hZGUgdXAgbWFkZSB1cCE=\n";
  CHECK(recognised("page.bin", page) == Lines{"other tunnel-credentials"});
}

TEST_CASE("only what stands as it is on a command line counts as one of its arguments") {
  const auto placement = [](std::string_view name, std::string_view bytes) {
    const Examination examination = examine(name, bytes, "");
    REQUIRE(examination.recognised.size() == 1);
    return examination.recognised[0].placement;
  };
  const std::string ids = "--account-id " + account + " --tunnel-id " + tunnel;
  CHECK(
      placement("run.sh",
                "run " + ids + " --tunnel-secret bWFkZSB1cCBtYWRlIHVwIG1hZGUgdXAgbWFkZSB1cCE=\n") ==
      Placement::argument);
  CHECK(placement("run.sh", "echo " + base64_of(base64_of(credentials_json)) + " | base64 -d\n") ==
        Placement::other);
}

TEST_CASE("what a carrier finds is not found again") {
  const std::string env =
      "TUNNEL_TOKEN=" + token + "\n# " + token.substr(0, 60) + "\n# " + token.substr(60) + "\n";
  CHECK(recognised(".env", env) == Lines{"env-file:1 tunnel-token"});
  CHECK(recognised("token", token) == Lines{"whole-file tunnel-token"});
}

TEST_CASE("more credentials than one report holds are a problem, not a longer report") {
  std::string text;
  for (int i = 10; i < 50; ++i) {
    const std::string secret = "made up made up made up, number " + std::to_string(i);
    text += base64_of("{\"AccountTag\":\"" + account + "\",\"TunnelSecret\":\"" +
                      base64_of(secret) + "\",\"TunnelID\":\"" + tunnel + "\"}") +
            "\n";
  }
  const Examination examination = examine("notes.txt", text, "");
  CHECK(examination.recognised.size() == 32);
  CHECK(examination.problem != "");
}

TEST_CASE("a file is blank when nothing is left of it that cloudflared would not trim") {
  for (const std::string_view blank : {"", "\n", " \t\r\n\v\f", "\xc2\xa0\n", "\xe2\x80\x83"}) {
    CAPTURE(blank);
    CHECK(examine("token", blank, "").is_blank);
    CHECK(examine("any-name", blank, "").is_blank);
  }
  CHECK_FALSE(examine("token", "\xef\xbb\xbf", "").is_blank);
  CHECK_FALSE(examine("token", "x\n", "").is_blank);
}

TEST_CASE("any file over its cap says so, whatever its name, and no other does") {
  const std::string large(max_credential_bytes + 1, 'x');
  for (const std::string_view name : {"notes", "package.json", "cert.pem", "token", ""}) {
    CAPTURE(name);
    CHECK(examine(name, large, "").over_cap);
    CHECK_FALSE(examine(name, std::string_view{large}.substr(1), "").over_cap);
  }
  const std::string larger(max_configuration_bytes + 1, '#');
  for (const std::string_view name : {"config.yml", "config.yml.bak", ".env"}) {
    CAPTURE(name);
    CHECK(examine(name, larger, "").over_cap);
    CHECK_FALSE(examine(name, std::string_view{larger}.substr(1), "").over_cap);
  }
}

TEST_CASE("a configuration between the two caps is read to its end") {
  const std::string padded = std::string(200'000, '#') + "\ntoken: " + token + "\n";
  CHECK(recognised("config.yml", padded) == Lines{"cloudflared-config:2 tunnel-token"});
  const std::string plain = std::string(200'000, '#') + "\ntunnel: web\n";
  CHECK(recognised("config.yml", plain).empty());
  CHECK(examine("config.yml", plain, "").problem == "");
}

TEST_CASE("a state file between the two caps is looked into to its end") {
  const std::string state = "{\"version\": 4,\n\"x\": \"" + std::string(200'000, 'x') +
                            "\",\n\"token\": \"" + base64_of(base64_of(token)) + "\"}";
  CHECK(recognised("terraform.tfstate", state) == Lines{"terraform-state:3 tunnel-token"});
}

TEST_CASE("the size cap follows the name") {
  CHECK(size_cap("config.yml") == max_configuration_bytes);
  CHECK(size_cap("config.yaml.bak") == max_configuration_bytes);
  CHECK(size_cap(".env") == max_configuration_bytes);
  CHECK(size_cap("terraform.tfstate.backup") == max_configuration_bytes);
  CHECK(size_cap("cloudflared.log") == max_configuration_bytes);
  CHECK(size_cap("cert.pem") == max_credential_bytes);
  CHECK(size_cap("package.json") == max_credential_bytes);
  CHECK(size_cap("run.sh") == max_credential_bytes);
  CHECK(size_cap("token") == max_credential_bytes);
  CHECK(size_cap("") == max_credential_bytes);
}

TEST_CASE("fingerprints follow the key") {
  const Examination plain = examine("token", token, "");
  const Examination keyed = examine("token", token, "made up made up!");
  REQUIRE(plain.recognised.size() == 1);
  REQUIRE(keyed.recognised.size() == 1);
  CHECK(std::get<Credential>(plain.recognised[0].decoded).fingerprint.starts_with("sha256:"));
  CHECK(std::get<Credential>(keyed.recognised[0].decoded).fingerprint.starts_with("hmac:"));
}
