#include "cfwarden/remedy/unit_rewrite.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

using namespace cfwarden;

namespace {

const std::string token = "eyJhIjoiaW52ZW50ZWQiLCJ0IjoiaW52ZW50ZWQiLCJzIjoiaW52ZW50ZWQifQ==";
const std::string token_path = "/etc/cloudflared/token";
const std::string command =
    "ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run --token " + token;

// The lines between [Unit] and the command, as versions differ in them.
std::string unit(const std::string& head, const std::string& timeout,
                 const std::string& exec_start = command) {
  return "[Unit]\n" + head + "\n[Service]\nTimeoutStartSec=" + timeout + "\nType=notify\n" +
         exec_start +
         "\nRestart=on-failure\nRestartSec=5s\n\n[Install]\nWantedBy=multi-user.target\n";
}

const std::string newest = unit(
    "Description=cloudflared\nAfter=network-online.target\nWants=network-online.target\n", "15");

std::string error_of(const std::string& bytes) {
  const auto found = unit_with_token(bytes);
  REQUIRE_FALSE(found);
  return found.error().what;
}

std::string replace(std::string text, const std::string& part, const std::string& by) {
  const auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), by);
}

}  // namespace

TEST_CASE("every unit that cloudflared installed with a token is rewritten and taken back") {
  const std::vector<std::string> units{
      // 2022.3.0
      unit("Description=cloudflared\nAfter=network.target\n", "0"),
      // 2023 and 2024
      unit("Description=cloudflared\nAfter=network-online.target\nWants=network-online.target\n",
           "0"),
      // 2025 to 2026.7.1
      newest,
      // Other words in what may vary.
      unit("Description=Cloudflare Tunnel client (\xc3\xa4)\nAfter=network.target nss.target\n"
           "Wants=a.target\n",
           "2min 20s"),
      // Installed from another place.
      unit("Description=Argo Tunnel\nAfter=network.target\n", "0",
           "ExecStart=/opt/tunnel-1.0/cloudflared-linux_amd64 --no-autoupdate tunnel run --token " +
               token),
  };
  for (const std::string& bytes : units) {
    CAPTURE(bytes);
    const auto found = unit_with_token(bytes);
    REQUIRE(found);
    CHECK(found->token == token);
    CHECK(bytes.substr(found->begin, found->end - found->begin) == "--token " + token);

    const Secret rewritten = with_token_file(bytes, *found, token_path);
    CHECK(std::string{rewritten.reveal()} ==
          replace(bytes, "--token " + token, "--token-file " + token_path));
    const auto named = token_file_of_unit(rewritten.reveal());
    REQUIRE(named);
    CHECK(*named == token_path);
    const auto again = with_token(rewritten.reveal(), token_path, token);
    REQUIRE(again);
    CHECK(std::string{again->reveal()} == bytes);
  }
}

TEST_CASE("the line of the command and the program are told") {
  const auto found = unit_with_token(newest);
  REQUIRE(found);
  CHECK(found->line == 9);
  CHECK(found->program == "/usr/bin/cloudflared");
}

TEST_CASE("a unit that uses a token file already is said to") {
  const auto found =
      unit_with_token(replace(newest, "--token " + token, "--token-file /etc/cloudflared/token"));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == EALREADY);
}

TEST_CASE("a line more than the template has is refused, wherever it stands") {
  const std::vector<std::string> lines{"User=cloudflared",
                                       "Group=cloudflared",
                                       "DynamicUser=yes",
                                       "# a comment",
                                       "; a comment",
                                       "",
                                       " ",
                                       "EnvironmentFile=/etc/default/cloudflared",
                                       "Environment=TUNNEL_TOKEN=invented",
                                       "ExecStart=/bin/true",
                                       "ExecStart=",
                                       "ExecStartPre=/bin/true",
                                       "UnknownKey=1",
                                       "LoadCredential=token:/etc/t",
                                       "ProtectSystem=strict",
                                       "[Service]",
                                       "Alias=tunnel.service",
                                       "Restart=on-failure",
                                       command};
  for (const std::string& line : lines) {
    for (std::size_t at = 0, number = 1; at <= newest.size(); ++number) {
      CAPTURE(line);
      CAPTURE(number);
      const std::string bytes = newest.substr(0, at) + line + "\n" + newest.substr(at);
      CHECK_FALSE(unit_with_token(bytes));
      const auto end = newest.find('\n', at);
      if (end == std::string::npos) break;
      at = end + 1;
    }
  }
}

TEST_CASE("a line less than the template has is refused, but for Wants") {
  for (std::size_t at = 0; at < newest.size();) {
    const auto end = newest.find('\n', at) + 1;
    const std::string line = newest.substr(at, end - at);
    CAPTURE(line);
    CHECK(unit_with_token(newest.substr(0, at) + newest.substr(end)).has_value() ==
          line.starts_with("Wants="));
    at = end;
  }
}

TEST_CASE("a refusal names the line and nothing that stands there") {
  CHECK(error_of(replace(newest, "Type=notify", "Type=simple")) ==
        "line 8 is not as cloudflared service install writes it");
  CHECK(error_of(replace(newest, "Type=notify\n", "Type=notify\nUser=cloudflared\n")) ==
        "line 9 is not as cloudflared service install writes it");
  CHECK(error_of(newest + "\n") == "line 15 is not as cloudflared service install writes it");
  CHECK(error_of("") == "line 1 is not as cloudflared service install writes it");
}

TEST_CASE("commands that cloudflared does not write are refused") {
  const std::string run = " --no-autoupdate tunnel run --token " + token;
  const std::vector<std::string> commands{
      "/usr/bin/cloudflared tunnel run --token " + token,
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token=" + token,
      "/usr/bin/cloudflared  --no-autoupdate tunnel run --token " + token,
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token  " + token,
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token ",
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token",
      "/usr/bin/cloudflared" + run + " ",
      "/usr/bin/cloudflared" + run + " --protocol http2",
      "/usr/bin/cloudflared" + run + " ; /bin/true",
      "/usr/bin/cloudflared" + run + " \\",
      "/usr/bin/cloudflared" + run + "\\",
      "/usr/bin/cloudflared" + run + "\r",
      "/usr/bin/cloudflared" + run + std::string{"\0", 1},
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token \"" + token + "\"",
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token ${TOKEN}",
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token %i",
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token-file /etc/a --token " + token,
      "/usr/bin/cloudflared --no-autoupdate tunnel run --token " + token + " --token " + token,
      "/usr/bin/cloudflared --config /etc/cloudflared/config.yml tunnel run --token " + token,
      "/usr/bin/cloudflared --no-autoupdate --config /etc/cloudflared/config.yml tunnel run",
      "-/usr/bin/cloudflared" + run,
      "@/usr/bin/cloudflared" + run,
      "+/usr/bin/cloudflared" + run,
      "\"/usr/bin/cloudflared\"" + run,
      "/usr/bin/$X/cloudflared" + run,
      "/usr/bin/%i/cloudflared" + run,
      "cloudflared" + run,
      "/usr/bin/env cloudflared" + run,
      "/usr/bin/tunneld" + run,
      " /usr/bin/cloudflared" + run,
      "",
  };
  for (const std::string& one : commands) {
    CAPTURE(one);
    const auto found = unit_with_token(replace(newest, command, "ExecStart=" + one));
    REQUIRE_FALSE(found);
    CHECK(found.error().what == "line 9 is not as cloudflared service install writes it");
    CHECK(found.error().code == 0);
  }
}

TEST_CASE("values that may vary take no second line, no control byte, and are not empty") {
  for (const char* key :
       {"Description=cloudflared", "After=network-online.target", "TimeoutStartSec=15"}) {
    const std::string name = std::string{key}.substr(0, std::string{key}.find('=') + 1);
    for (const std::string& value : {std::string{"a\\"}, std::string{}, std::string{"a\rb"},
                                     std::string{"a\0b", 3}, std::string{"a\x7f"}}) {
      CAPTURE(key);
      CAPTURE(value);
      CHECK_FALSE(unit_with_token(replace(newest, key, name + value)));
    }
  }
}

TEST_CASE("another spelling of a line is refused") {
  struct Row {
    const char* part;
    const char* by;
  };
  for (const Row& row :
       {Row{"Type=notify", "Type = notify"}, Row{"[Service]", "[service]"},
        Row{"[Service]", " [Service]"},
        Row{"WantedBy=multi-user.target", "WantedBy=multi-user.target "},
        Row{"RestartSec=5s", "RestartSec=5"}, Row{"\n\n[Service]", "\n\n\n[Service]"},
        Row{"Description=", "description="}}) {
    CAPTURE(row.by);
    CHECK_FALSE(unit_with_token(replace(newest, row.part, row.by)));
  }
  std::string dos;
  for (const char byte : newest) dos += byte == '\n' ? "\r\n" : std::string{byte};
  CHECK_FALSE(unit_with_token(dos));
  CHECK_FALSE(unit_with_token("\xef\xbb\xbf" + newest));
  CHECK_FALSE(unit_with_token(newest.substr(0, newest.size() - 1)));
}

TEST_CASE("a token goes back only where its own file is named, and only if it is one word") {
  const auto found = unit_with_token(newest);
  REQUIRE(found);
  const Secret rewritten = with_token_file(newest, *found, token_path);
  CHECK_FALSE(with_token(rewritten.reveal(), "/etc/cloudflared/other", token));
  CHECK_FALSE(with_token(rewritten.reveal(), "/etc/cloudflared/toke", token));
  CHECK_FALSE(with_token(newest, token_path, token));
  for (const std::string& bad : {std::string{}, token + "\nUser=x", token + " --x", token + "\n",
                                 std::string{"%i"}, std::string{"a\\"}}) {
    CAPTURE(bad);
    const auto back = with_token(rewritten.reveal(), token_path, bad);
    REQUIRE_FALSE(back);
    CHECK(back.error().what == "the token file holds no token");
  }
}

TEST_CASE("no error repeats a piece of the token") {
  for (std::size_t cut = 0; cut < newest.size(); ++cut) {
    const std::string bytes = newest.substr(0, cut);
    CAPTURE(bytes);
    CHECK(error_of(bytes).find("eyJ") == std::string::npos);
  }
}
