#include "cfwarden/app/configured_files.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

const Starter system_starter{.home = "/root", .working_directory = "/"};

const ConfiguredFile* file_of(const std::vector<ConfiguredFile>& files, std::string_view key) {
  for (const ConfiguredFile& file : files) {
    if (file.key == key) return &file;
  }
  return nullptr;
}

std::string path_of(const std::vector<Pointer>& pointers, std::string_view key,
                    const Starter& starter = system_starter) {
  const auto files = configured_files(pointers, starter);
  const ConfiguredFile* file = file_of(files, key);
  return file != nullptr ? file->path : "none";
}

bool is_effective(const std::vector<Pointer>& pointers, std::string_view key,
                  const Starter& starter = system_starter) {
  const auto files = configured_files(pointers, starter);
  const ConfiguredFile* file = file_of(files, key);
  return file != nullptr && file->effective;
}

}  // namespace

TEST_CASE("a tilde is expanded in credentials-file and origincert, never in token-file") {
  CHECK(path_of({{"credentials-file", "~/.cloudflared/a.json", 2}}, "credentials-file") ==
        "/root/.cloudflared/a.json");
  CHECK(path_of({{"origincert", "~/cert.pem", 1}}, "origincert") == "/root/cert.pem");
  CHECK(path_of({{"token-file", "~/token", 1}}, "token-file") == "/~/token");
}

TEST_CASE("another account's tilde is not expanded, as in cloudflared") {
  CHECK(path_of({{"credentials-file", "~alice/a.json", 1}}, "credentials-file") ==
        "/~alice/a.json");
}

TEST_CASE("a tunnel that runs by name leaves the tilde of its credentials file as it is") {
  CHECK(path_of({{"tunnel", "shop", 1}, {"credentials-file", "~/a.json", 2}}, "credentials-file") ==
        "/~/a.json");
  CHECK(path_of({{"tunnel", "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", 1},
                 {"credentials-file", "~/a.json", 2}},
                "credentials-file") == "/root/a.json");
}

TEST_CASE("a relative path is taken from the directory cloudflared is started in") {
  const Starter alice{.home = "/home/alice", .working_directory = "/home/alice"};
  CHECK(path_of({{"credentials-file", "cf/a.json", 1}}, "credentials-file", alice) ==
        "/home/alice/cf/a.json");
  CHECK(path_of({{"credentials-file", "cf/a.json", 1}}, "credentials-file") == "/cf/a.json");
}

TEST_CASE("a token beats a token file, and both beat credentials") {
  const std::vector<Pointer> both{{"token-file", "/t", 1}, {"credentials-file", "/c.json", 2}};
  CHECK(is_effective(both, "token-file"));
  CHECK_FALSE(is_effective(both, "credentials-file"));

  Starter with_token = system_starter;
  with_token.has_inline_token = true;
  CHECK_FALSE(is_effective(both, "token-file", with_token));
  CHECK_FALSE(is_effective(both, "credentials-file", with_token));
}

TEST_CASE("credentials in the configuration beat a file, but tell no id of a name") {
  Starter with_credentials = system_starter;
  with_credentials.has_inline_credentials = true;
  const Pointer file{"credentials-file", "/c.json", 1};
  CHECK_FALSE(is_effective({file}, "credentials-file", with_credentials));
  CHECK(is_effective({file, {"tunnel", "shop", 2}}, "credentials-file", with_credentials));
}

TEST_CASE("a path is reported without empty and single-dot components") {
  CHECK(path_of({{"token-file", "/etc//cloudflared/./token", 1}}, "token-file") ==
        "/etc/cloudflared/token");
}

TEST_CASE("a certificate matters only where nothing else says how to run") {
  CHECK(is_effective({{"origincert", "/cert.pem", 1}}, "origincert"));
  CHECK_FALSE(is_effective({{"origincert", "/cert.pem", 1}, {"credentials-file", "/c.json", 2}},
                           "origincert"));
}

TEST_CASE("the last of two equal keys is the one that counts, and an empty value is no file") {
  CHECK(path_of({{"token-file", "/a", 1}, {"token-file", "/b", 2}}, "token-file") == "/b");
  CHECK(path_of({{"token-file", "", 1}}, "token-file") == "none");
}

TEST_CASE("log files are followed without being taken for credentials") {
  const auto files =
      configured_files(std::vector<Pointer>{{"logfile", "/var/log/c.log", 3}}, system_starter);
  REQUIRE(files.size() == 1);
  CHECK(files[0].is_log);
  CHECK_FALSE(files[0].effective);
  CHECK(files[0].line == 3);
}
