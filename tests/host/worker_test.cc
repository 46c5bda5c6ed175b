// The real parsers behind the real walls: they must get by with what a worker may do, and let
// nothing of a secret out.
#include "cfwarden/host/worker.h"

#include "cfwarden/host/reader.h"
#include "cfwarden/host/reply.h"
#include "read_tree.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

// {"AccountTag":"0123...","TunnelID":...}; the secret is "this canary must never be seen!!".
constexpr std::string_view canary = "this canary must never be seen!!";
constexpr std::string_view canary_base64 = "dGhpcyBjYW5hcnkgbXVzdCBuZXZlciBiZSBzZWVuISE=";
constexpr std::string_view canary_hex =
    "746869732063616e617279206d757374206e65766572206265207365656e2121";

std::string credentials() {
  return R"({"AccountTag":"0123456789abcdef0123456789abcdef","TunnelSecret":")" +
         std::string{canary_base64} + R"(","TunnelID":"6f1b2c3d-0000-4000-8000-00000000000a"})";
}

// {"a":"0123456789abcdef0123456789abcdef","t":"6f1b2c3d-0000-4000-8000-00000000000a","s":canary}
constexpr std::string_view token =
    "eyJhIjoiMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYiLCJ0IjoiNmYxYjJjM2QtMDAwMC00MDAwLTgwMDAt"
    "MDAwMDAwMDAwMDBhIiwicyI6ImRHaHBjeUJqWVc1aGNua2diWFZ6ZENCdVpYWmxjaUJpWlNCelpXVnVJU0U9In0=";

// {"zoneID":"00112233445566778899aabbccddeeff","accountID":"0123...","apiToken":canary}
constexpr std::string_view account_token =
    "-----BEGIN ARGO TUNNEL TOKEN-----\n"
    "eyJ6b25lSUQiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZiIsImFj\n"
    "Y291bnRJRCI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIiwiYXBp\n"
    "VG9rZW4iOiJ0aGlzIGNhbmFyeSBtdXN0IG5ldmVyIGJlIHNlZW4hISJ9\n"
    "-----END ARGO TUNNEL TOKEN-----\n";

// Of nobody: made for this test, and ends in November 2036.
constexpr std::string_view certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBejCCASGgAwIBAgIUYdmBlXtzpo3RkjKVMiVjoqCRuxwwCgYIKoZIzj0EAwIw\n"
    "EzERMA8GA1UEAwwIaW52ZW50ZWQwHhcNMjYxMTIyMDMwNTI2WhcNMzYxMTE5MDMw\n"
    "NTI2WjATMREwDwYDVQQDDAhpbnZlbnRlZDBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
    "A0IABIbPHqyGAC0mWpk1EaU9fL+OCQm6n3mTniEF5PLyhRYi89/ybchLrn2jlPH+\n"
    "IAnHNxST/05F8NUw1TOT9CFFJemjUzBRMB0GA1UdDgQWBBS1ufSFegECYbnR58um\n"
    "qwmmmSW+tTAfBgNVHSMEGDAWgBS1ufSFegECYbnR58umqwmmmSW+tTAPBgNVHRMB\n"
    "Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIE/6PPFuG7ddO8yToxebrfj5IO8q\n"
    "tALI9MuIeiS4f05kAiBEjIoRrH41D5bNxUuxz2/ELK4fuYOBxACYETmhIUqJcw==\n"
    "-----END CERTIFICATE-----\n";

// The P-256 key whose number is one.
constexpr std::string_view private_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAAAAAAAAAAAAAAAAAA\n"
    "AAAAAAAAAAAAAAAAAAAAAQ==\n"
    "-----END PRIVATE KEY-----\n";

struct Content {
  std::string name;
  std::string content;
};

Examination examined(const std::string& name, const std::string& content,
                     std::string_view key = "") {
  Tree tree;
  const Opened file = opened(put(tree, name, content));
  Losses losses;
  const auto readings = read_files(std::vector<ReadRequest>{{.file = &file}}, key, losses);
  const auto* unread = std::get_if<Unread>(&readings.at(0));
  REQUIRE_MESSAGE(unread == nullptr, name << ": " << (unread ? unread->why : ""));
  return std::get<Examination>(readings[0]);
}

std::optional<Credential> credential_in(const Examination& examination) {
  for (const Recognised& recognised : examination.recognised) {
    if (const auto* found = std::get_if<Credential>(&recognised.decoded)) return *found;
  }
  return std::nullopt;
}

std::string kind_in(const std::string& name, const std::string& content) {
  const auto credential = credential_in(examined(name, content));
  return credential ? credential->kind : "none";
}

TEST_CASE("every kind is recognised behind the walls") {
  const std::string account{account_token};
  CHECK(kind_in("6f1b2c3d-0000-4000-8000-00000000000a.json", credentials()) ==
        "tunnel-credentials");
  CHECK(kind_in("token", std::string{token}) == "tunnel-token");
  CHECK(kind_in("cert.pem", account) == "account-certificate");
  CHECK(kind_in("config.yml", "tunnel: x\ntoken: " + std::string{token} + "\n") == "tunnel-token");
  CHECK(kind_in("cloudflared_priv.pem", std::string{private_key}) == "planted-key-pair");
}

TEST_CASE("an X.509 certificate and its key are read without opening anything") {
  const auto found =
      credential_in(examined("cert.pem", std::string{certificate} + std::string{private_key} +
                                             std::string{account_token}));
  REQUIRE(found);
  CHECK(found->kind == "account-certificate");
  CHECK(found->not_after == 2110676726);
}

TEST_CASE("a keyed fingerprint needs nothing that a worker may not do") {
  const auto found = credential_in(examined("token", std::string{token}, "a key of the host"));
  REQUIRE(found);
  CHECK(found->fingerprint.starts_with("hmac:"));
}

TEST_CASE("files that are nothing, or hostile, are answered and not crashed on") {
  const std::string deep_json = std::string(60'000, '[');
  const std::string deep_yaml = std::string(200'000, '[');
  const std::string blocks = [] {
    std::string text;
    while (text.size() < 60'000) text += "-----BEGIN A-----\nAAAA\n-----END A-----\n";
    return text;
  }();
  const Content hostile[] = {{"cert.pem", ""},
                             {"cert.pem", blocks},
                             {"cert.pem", std::string(70'000, '-')},
                             {"6f1b2c3d-0000-4000-8000-00000000000a.json", deep_json},
                             {"config.yml", deep_yaml},
                             {"config.yml", "a: &a [x,x]\nb: [*a,*a]\n<<: *a\n"},
                             {"config.yml", std::string(1, '\0')},
                             {"token", "\xff\xfe\x00\x01"},
                             {".env", "TUNNEL_TOKEN=" + std::string(100'000, 'A')},
                             {"cert.pem.swp", "b0VIM 8.2"}};
  for (const Content& file : hostile) {
    CAPTURE(file.name);
    CHECK_FALSE(credential_in(examined(file.name, file.content)));
  }
}

// Runs a worker as read_files() does and returns all that it sent.
std::string raw_replies(const Opened& file) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    WorkOrder order;
    const std::string_view path = file.path;
    order.items.push_back({&file, path.substr(path.rfind('/') + 1), {}});
    work(order, ends[1], parent);
  }
  close(ends[1]);
  std::string all;
  char chunk[4096];
  for (ssize_t count = 0; (count = read(ends[0], chunk, sizeof chunk)) > 0;) {
    all.append(chunk, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status));
  return all;
}

bool shows_part_of(std::string_view text, std::string_view secret) {
  constexpr std::size_t telling = 8;
  for (std::size_t i = 0; i + telling <= secret.size(); ++i) {
    if (text.find(secret.substr(i, telling)) != text.npos) return true;
  }
  return false;
}

TEST_CASE("no eight bytes of a secret leave the worker, however the file is broken") {
  const std::string whole = credentials();
  const std::string wrapped_token{token};
  std::vector<Content> cases{
      {"6f1b2c3d-0000-4000-8000-00000000000a.json", whole},
      {"token", wrapped_token},
      {"cert.pem", std::string{account_token}},
      {"config.yml", "tunnel: x\ntoken: " + wrapped_token + "\n"},
      {"config.yml", "credentials-contents: '" + whole + "'\n"},
      {".env", "TUNNEL_TOKEN=" + wrapped_token + "\n"},
      // An error right behind, right before and inside of the secret.
      {"6f1b2c3d-0000-4000-8000-00000000000a.json", whole.substr(0, whole.find("!!") + 10)},
      {"6f1b2c3d-0000-4000-8000-00000000000a.json",
       R"({"AccountTag":"a","TunnelID":5,"TunnelSecret":")" + std::string{canary} + "\"}"},
      {"config.yml", "token: " + wrapped_token + "\n\t- bad: [\n"},
      {"config.yml", "token: \"" + std::string{canary} + "\\q\"\n"},
      {"config.yml", "token: !" + std::string{canary_hex} + " x\n"},
  };
  for (std::size_t cut = 0; cut < whole.size(); cut += 9) {
    cases.push_back({"6f1b2c3d-0000-4000-8000-00000000000a.json", whole.substr(0, cut)});
    cases.push_back({"token", wrapped_token.substr(0, cut)});
  }
  for (const Content& one : cases) {
    CAPTURE(one.name);
    CAPTURE(one.content);
    Tree tree;
    const std::string replies = raw_replies(opened(put(tree, one.name, one.content)));
    CHECK(replies.size() > 4);
    CHECK_FALSE(shows_part_of(replies, canary));
    CHECK_FALSE(shows_part_of(replies, canary_base64));
    CHECK_FALSE(shows_part_of(replies, canary_hex));
  }
}

}  // namespace
}  // namespace cfwarden
