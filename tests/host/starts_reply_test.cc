#include "cfwarden/host/starts_reply.h"

#include "cfwarden/host/reply.h"

#include <doctest/doctest.h>
#include <string>

namespace cfwarden {
namespace {

Start full_start() {
  Start start;
  start.source = StartSource::podman;
  start.who = "web.service";
  start.file = "/etc/containers/systemd/web.container";
  start.line = 7;
  start.files = {"/etc/containers/systemd/web.container", "/etc/default/web"};
  start.read_as_runner = {"/etc/default/web"};
  start.invocation.mode = Invocation::Mode::run;
  start.invocation.config = "/etc/cloudflared/config.yml";
  start.invocation.origin_certificate = "cert";
  start.invocation.credentials_file = "credentials";
  start.invocation.token_file = "token";
  start.invocation.tunnel = "web";
  start.invocation.token_in_environment = true;
  start.run_as = {.user = "65532",
                  .group = "65532",
                  .more_groups = {"audio"},
                  .dynamic = false,
                  .reads_everything = true,
                  .loses_capabilities = true};
  start.home = "/home/nonroot";
  start.working_directory = "/srv";
  start.mounts = {{.inside = "/etc/cloudflared", .outside = "/srv/cloudflared"}};
  start.hidden = {{.path = "/root", .by = "ProtectHome=yes"}};
  start.elsewhere = {"/run/secrets"};
  start.loaded = {{.seen_as = "/run/credentials/web.service/token", .source = "/etc/token"}};
  start.root_directory = "/srv/root";
  start.is_container = true;
  start.is_official_image = true;
  start.id_shift = IdShift{.uid_base = 100000, .gid_base = 200000};
  start.environment_elsewhere = true;
  start.is_enabled = true;
  start.manager_uid = 1000;
  return start;
}

TEST_CASE("What is decoded encodes to the same bytes, every field of it") {
  const Starts starts{.all = {full_start(), Start{}},
                      .wanted = {"/etc/default/*.env"},
                      .gaps = {{.path = "/etc/x", .why = "an alias where a name is wanted"}}};
  const std::string bytes = encode_starts(starts);
  const Result<Starts> back = decode_starts(bytes);
  REQUIRE(back);
  CHECK(encode_starts(*back) == bytes);
  REQUIRE(back->all.size() == 2);
  const Start& start = back->all.front();
  CHECK(start.source == StartSource::podman);
  CHECK(start.who == "web.service");
  CHECK(start.line == 7);
  CHECK(start.manager_uid == 1000U);
  CHECK(start.files.size() == 2);
  CHECK(start.invocation.tunnel == "web");
  CHECK(start.invocation.token_in_environment);
  CHECK_FALSE(start.invocation.token_in_arguments);
  CHECK(start.run_as.more_groups == std::vector<std::string>{"audio"});
  CHECK(start.run_as.loses_capabilities);
  CHECK(start.mounts.front().outside == "/srv/cloudflared");
  CHECK(start.hidden.front().by == "ProtectHome=yes");
  CHECK(start.elsewhere.front() == "/run/secrets");
  CHECK(start.read_as_runner.front() == "/etc/default/web");
  CHECK(start.loaded.front().source == "/etc/token");
  REQUIRE(start.id_shift);
  CHECK(start.id_shift->gid_base == 200000);
  CHECK(start.is_official_image);
  CHECK(start.environment_elsewhere);
  CHECK(start.is_enabled);
  CHECK_FALSE(start.is_active);
  CHECK(back->wanted == std::vector<std::string>{"/etc/default/*.env"});
  CHECK(back->gaps.front().why == "an alias where a name is wanted");
}

TEST_CASE("Starts that were cut, lengthened or changed in one byte are nonsense or other starts") {
  const std::string bytes = encode_starts({.all = {full_start()}, .wanted = {}, .gaps = {}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode_starts(bytes.substr(0, size)));
  }
  CHECK_FALSE(decode_starts(bytes + '\0'));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x80);
    const Result<Starts> back = decode_starts(changed);
    if (back) CHECK(encode_starts(*back) == changed);
  }
}

TEST_CASE("A path that could not be opened anyway is not asked for") {
  const Starts starts{.all = {},
                      .wanted = {"relative", "", "/" + std::string(5000, 'a'), "/etc/default/x"},
                      .gaps = {}};
  const Result<Starts> back = decode_starts(encode_starts(starts));
  REQUIRE(back);
  CHECK(back->wanted == std::vector<std::string>{"/etc/default/x"});
}

TEST_CASE("More starts than a report can hold are cut, and a gap says so") {
  Start long_one = full_start();
  long_one.who = std::string(4000, 'w');
  const Starts starts{.all = std::vector<Start>(500, long_one), .wanted = {}, .gaps = {}};
  const std::string bytes = encode_starts(starts);
  CHECK(bytes.size() <= max_reading_bytes);
  const Result<Starts> back = decode_starts(bytes);
  REQUIRE(back);
  CHECK(back->all.size() < 500);
  CHECK_FALSE(back->all.empty());
  REQUIRE(back->gaps.size() == 1);
}

TEST_CASE("No reading is taken for starts") {
  CHECK_FALSE(decode_starts(encode_reply({Unread{"permission denied"}})));
  CHECK_FALSE(decode_starts(encode_reply({Examination{}})));
}

}  // namespace
}  // namespace cfwarden
