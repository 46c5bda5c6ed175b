#include "cfwarden/spots/keyed_values.h"

#include "corpus.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cfwarden {
namespace {

std::string first_value(const std::string& text) {
  const KeyedValues keyed = keyed_values(text);
  if (keyed.values.empty()) return "none";
  const KeyedValue& value = keyed.values.front();
  if (value.is_placeholder) return "placeholder";
  return text.substr(value.begin, value.end - value.begin);
}

TEST_CASE("a key's value is found in the syntax of every file") {
  for (const std::string before :
       {"account_id=", "account_id = \"", "\"account_id\": \"", "\"accountId\" : \"",
        "accountTag: ", "'AccountTag' => '", "CF_ACCOUNT_ID=", "account-id: '",
        "option account_id '", "<key>AccountTag</key><string>", "<key>account_id</key>\n  <string>",
        "account_id := \"",
        "- name: CF_ACCOUNT_ID\n  value: ", "{\"name\":\"ACCOUNT_ID\",\"value\":\"",
        "account_id: |\n  ", "account_id: >-\r\n  ", "account_id: !!str ",
        "--set x.account=", "\"account_id\": {\"sensitive\": false, \"value\": \""}) {
    CAPTURE(before);
    const char last = before.back();
    const std::string end = last == '"' || last == '\'' ? std::string{last} : "";
    CHECK(first_value(before + corpus::account + end + "\n") == corpus::account);
  }
}

TEST_CASE("what is computed or stands elsewhere is no value") {
  for (const std::string text :
       {"account_id = var.account_id", "account_id = \"${var.account}\"",
        "account_id: {{ account }}", "account_id = data.cloudflare_accounts.all[0].id",
        "account_id=$ACCOUNT", "account_id:", "account_id = null", "account_id = \"\"",
        "account_id == x", "account_id", "account: default", "tunnel: web", "id: 7",
        "id: 9f3c0d5e7a1b2c4d6e8f90a1b2c3e1b0"}) {
    CAPTURE(text);
    CHECK(first_value(text + "\n") == "none");
  }
}

TEST_CASE("what holds the place of an id is known for it") {
  for (const std::string text :
       {"account_id = \"<your account>\"", "account_id: <your-account>", "AccountTag: YOUR_ACCOUNT",
        "tunnel_id: 00000000-0000-0000-0000-000000000000", "tunnelId = \"the id of it\"",
        "account_id=00000000000000000000000000000000"}) {
    CAPTURE(text);
    CHECK(first_value(text + "\n") == "placeholder");
  }
}

bool is_strong_secret(const std::string& before, const std::string& behind) {
  const std::string value = base64_of(corpus::secret);
  const KeyedValues keyed = keyed_values(before + value + behind + "\n");
  return !keyed.values.empty() && keyed.values.front().role == KeyRole::secret &&
         keyed.values.front().strength == KeyStrength::strong &&
         keyed.values.front().end - keyed.values.front().begin == value.size();
}

TEST_CASE("the flag of tunnel create is a tunnel's secret, however it is written") {
  for (const std::string command :
       {"cloudflared tunnel create ", "/usr/bin/cloudflared tunnel create -o json ",
        "cloudflared tunnel create \\\n  ", "cloudflared tunnel create -o json \\\r\n  ",
        "cloudflared tunnel create --credentials-file \"/x y.json\" ",
        "cloudflared tunnel create --credentials-file='/x.json' ",
        "cloudflared tunnel create --credentials-file $(pwd)/x.json ",
        "cloudflared tunnel create --credentials-file `pwd`/x.json ",
        "sh -c \"cloudflared tunnel create --credentials-file \\\"/x.json\\\" ",
        "cloudflared tunnel create --credentials-file \"$DIR\"/\"$N\".json ",
        "cloudflared tunnel create --credentials-file ~/'my tunnel'.json ",
        "# don't: cloudflared tunnel create --credentials-file='/x.json' ", "tunnel create ",
        "Run `cloudflared tunnel create "}) {
    for (const std::string flag :
         {"--secret ", "--secret=", "-secret ", "-secret=", "-s ", "-s="}) {
      for (const std::string quote : {"", "'", "\""}) {
        CAPTURE(command);
        CAPTURE(flag);
        CAPTURE(quote);
        CHECK(is_strong_secret(command + flag + quote, quote + " web"));
      }
    }
  }
}

TEST_CASE("a flag of the command behind tunnel create is that one's own") {
  for (const std::string before :
       {"cloudflared tunnel create -o json web; app ",
        "cloudflared tunnel create -o json web\napp ",
        "Run `cloudflared tunnel create --credentials-file x web`, then `vault put ",
        "ID=$(cloudflared tunnel create -o json web) app ",
        "run('cloudflared tunnel create -o json web', 'app ",
        "run(\"cloudflared tunnel create -o json web\", \"app ",
        "run('cloudflared tunnel create -o json ', 'app ", "stunnel create -v ",
        "ssh-tunnel create -v ", "cloudflared tunnel created -v ", "app "}) {
    for (const std::string flag : {"--secret ", "--secret=", "-secret ", "-s ", "-s="}) {
      CAPTURE(before);
      CAPTURE(flag);
      CHECK_FALSE(is_strong_secret(before + flag, " web"));
    }
  }
}

TEST_CASE("a dotted key is a tunnel's secret where the name before it is tunnel, or Cloudflare's") {
  for (const std::string key :
       {"tunnel.secret", "TUNNEL.SECRET", "--set tunnel.secret", "cloudflare.tunnel.secret",
        "cloudflared.tunnel.secret", "app.cloudflare.tunnel.secret", "cloudflare-tunnel.secret",
        "cloudflared_tunnel.secret", "argo.tunnel.secret", "cf.tunnel.secret",
        "cloudflare.argo.tunnel.secret"}) {
    CAPTURE(key);
    CHECK(is_strong_secret(key + "=", ""));
  }
  for (const std::string key :
       {"stunnel.secret", "ipsec.tunnel.secret", "ssh.tunnel.secret", "ssh-tunnel.secret",
        "vpn_tunnel.secret", "my.ssh-tunnel.secret", "tunnels.secret", "app.secret"}) {
    CAPTURE(key);
    CHECK_FALSE(is_strong_secret(key + "=", ""));
  }
}

std::vector<bool> in_one_scope(const std::string& text) {
  const KeyedValues keyed = keyed_values(text);
  std::vector<bool> same;
  for (const KeyedValue& value : keyed.values) {
    same.push_back(value.scope == keyed.values.front().scope);
  }
  return same;
}

TEST_CASE("braces and indentation say what belongs together") {
  const std::string id = "id: " + corpus::tunnel;
  CHECK(in_one_scope(id + "\n" + id + "\n") == std::vector{true, true});
  CHECK(in_one_scope("{" + id + ",\n" + id + "}\n") == std::vector{true, true});
  CHECK(in_one_scope("{" + id + "},{" + id + "}") == std::vector{true, false});
  CHECK(in_one_scope("{" + id + ",{" + id + "}," + id + "}") == std::vector{true, false, true});
  CHECK(in_one_scope("a:\n  " + id + "\n  " + id + "\nb:\n  " + id + "\n") ==
        std::vector{true, true, false});
  CHECK(in_one_scope("- " + id + "\n  " + id + "\n- " + id + "\n") ==
        std::vector{true, true, false});
  CHECK(in_one_scope(id + "\n---\n" + id + "\n") == std::vector{true, false});
  CHECK(in_one_scope("[a]\n" + id + "\n[b]\n" + id + "\n") == std::vector{true, false});
}

TEST_CASE("of more keys than are followed it is said that there are more") {
  std::string text;
  for (std::size_t i = 0; i < most_keyed_values; ++i) text += "secret=a\n";
  CHECK(keyed_values(text).is_complete);
  const KeyedValues keyed = keyed_values(text + "secret=a\n");
  CHECK_FALSE(keyed.is_complete);
  CHECK(keyed.values.size() == most_keyed_values);
}

TEST_CASE("scopes are followed so deep and no deeper") {
  const std::string deep(100'000, '{');
  const KeyedValues keyed =
      keyed_values(deep + "secret=a" + std::string(100'000, '}') + "secret=b");
  REQUIRE(keyed.values.size() == 2);
  CHECK(keyed.scopes.size() < 200);
  CHECK(keyed.values[1].scope == 0);
}

}  // namespace
}  // namespace cfwarden
