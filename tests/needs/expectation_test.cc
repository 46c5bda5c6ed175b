#include "cfwarden/needs/expectation.h"

#include <doctest/doctest.h>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::uint32_t service = 900;
constexpr std::uint32_t container = 65532;

using Uids = std::vector<std::uint32_t>;

const Need root_service{.who = "cloudflared.service", .user = "root", .uid = 0, .gid = 0};
const Need own_user{
    .who = "cloudflared.service", .user = "cloudflared", .uid = service, .gid = service};
const Need loaded{.who = "cloudflared.service", .user = "dynamic", .read_by_manager = true};
const Need in_docker{.who = "tunnel",
                     .source = StartSource::docker,
                     .user = "65532",
                     .uid = container,
                     .gid = container,
                     .is_container = true};

Expectation expected(const Holding& held, const std::vector<Need>& needs,
                     Authority authority = Authority::run_tunnel) {
  const auto expectation = expected_for(authority, held, needs);
  REQUIRE(expectation);
  return *expectation;
}

}  // namespace

TEST_CASE("without a need nothing is expected anew") {
  CHECK_FALSE(expected_for(Authority::run_tunnel, {}, {}));
  const std::vector<Need> unknown{{.who = "x.service", .user = "gone"}};
  CHECK_FALSE(expected_for(Authority::run_tunnel, {}, unknown));
}

TEST_CASE("a service of root's asks for 0600 root") {
  const Expectation expectation = expected({}, {root_service});
  CHECK(expectation.allowed_mode == 0600);
  CHECK(expectation.owners == Uids{0});
  CHECK(expectation.owner_text == "root");
  CHECK(expectation.because == "cloudflared.service runs as root");
}

TEST_CASE("what the service manager hands over stays root's, whoever the service runs as") {
  for (const std::optional<std::uint32_t> uid : {std::optional<std::uint32_t>{}, {service}}) {
    Need need = loaded;
    need.uid = uid;
    need.gid = uid;
    const Expectation expectation = expected({.gid = service}, {need});
    CHECK(expectation.allowed_mode == 0600);
    CHECK(expectation.owners == Uids{0});
    CHECK(expectation.because == "systemd reads it as root and hands it to cloudflared.service");
  }
  Need by_docker = in_docker;
  by_docker.read_by_manager = true;
  CHECK(expected({}, {by_docker}).because == "it is read as root for container tunnel");
}

TEST_CASE("a service's user that owns its credential may keep it for itself") {
  const Expectation expectation = expected({.uid = service, .gid = service}, {own_user});
  CHECK(expectation.allowed_mode == 0600);
  CHECK(expectation.owners == Uids{service, 0});
  CHECK(expectation.owner_text == "cloudflared");
  CHECK(expectation.because ==
        "cloudflared.service runs as cloudflared: owner root would lock it out");
}

TEST_CASE("a group that is the service's own may read") {
  const Expectation expectation =
      expected({.gid = service, .group_members = {"cloudflared"}}, {own_user});
  CHECK(expectation.allowed_mode == 0640);
  CHECK(expectation.owners == Uids{0, service});
  CHECK(expectation.owner_text == "root or cloudflared");
  CHECK(expectation.because ==
        "cloudflared.service runs as cloudflared, which reads it through its own group");

  CHECK(expected({.gid = 920, .group_members = {"cloudflared"}}, {own_user}).allowed_mode == 0640);
}

TEST_CASE("a group with others in it, of another, or of nobody may not") {
  for (const Holding& held : {Holding{.gid = service, .group_members = {"alice", "cloudflared"}},
                              Holding{.gid = service, .group_members = {"alice"}},
                              Holding{.gid = 910}, Holding{.gid = 0}}) {
    const Expectation expectation = expected(held, {own_user});
    CHECK(expectation.allowed_mode == 0600);
    CHECK(expectation.owners == Uids{service, 0});
    CHECK(expectation.owner_text == "cloudflared");
    CHECK(expectation.because == "cloudflared.service runs as cloudflared, which must own it");
  }
  Need without_group = own_user;
  without_group.gid = 65534;
  CHECK(expected({.gid = 65534}, {without_group}).allowed_mode == 0600);
}

TEST_CASE("an account certificate is not shared with a group") {
  const Holding held{.gid = service, .group_members = {"cloudflared"}};
  for (const Authority authority : {Authority::manage_account, Authority::act_as_user,
                                    Authority::call_application, Authority::none}) {
    CHECK(expected(held, {own_user}, authority).allowed_mode == 0600);
  }
}

TEST_CASE("a container's user owns its credential, or reads it through its group") {
  const Expectation owned = expected({.uid = container, .gid = container}, {in_docker});
  CHECK(owned.allowed_mode == 0600);
  CHECK(owned.owners == Uids{container, 0});
  CHECK(owned.owner_text == "65532");
  CHECK(owned.because == "container tunnel runs as 65532: owner root would lock it out");

  Need in_cluster = in_docker;
  in_cluster.source = StartSource::kubernetes;
  const Expectation shared = expected({.gid = container}, {in_cluster});
  CHECK((shared.allowed_mode & 0440) == 0440);
  CHECK((shared.allowed_mode & 0007) == 0);
  CHECK(shared.owner_text == "root or 65532");
}

TEST_CASE("a dynamic user can own nothing") {
  Need need = loaded;
  need.read_by_manager = false;
  const Expectation expectation = expected({}, {need});
  CHECK(expectation.allowed_mode == 0600);
  CHECK(expectation.owners == Uids{0});
  CHECK(expectation.because ==
        "cloudflared.service runs as a dynamic user, which owns nothing: LoadCredential= would "
        "hand it over");
}

TEST_CASE("a group that the unit alone gives its service serves as well as one of its own") {
  constexpr std::uint32_t deploy = 4711;
  Need need = own_user;
  need.more_gids = {service, deploy};
  const Expectation expectation = expected({.gid = deploy}, {need});
  CHECK(expectation.allowed_mode == 0640);
  CHECK(expectation.because ==
        "cloudflared.service runs as cloudflared, which reads it through its own group");
  CHECK(expected({.gid = deploy, .group_members = {"alice"}}, {need}).allowed_mode == 0600);

  Need dynamic = loaded;
  dynamic.read_by_manager = false;
  dynamic.more_gids = {deploy};
  CHECK(expected({.gid = deploy}, {dynamic}).allowed_mode == 0640);
  CHECK(expected({.gid = deploy}, {dynamic}).owners == Uids{0});
}

TEST_CASE("what an ordinary user can invent changes nothing") {
  Need invented{.who = "process:4711", .user = "mallory", .uid = 1666, .gid = 1666};
  invented.controlled_by = 1666;
  const Holding hers{.uid = 1666, .gid = 1666};
  CHECK_FALSE(expected_for(Authority::run_tunnel, hers, std::vector<Need>{invented}));

  // Neither is she an owner that is expected, nor one of those that a group may have.
  const Expectation expectation = expected(hers, {root_service, invented});
  CHECK(expectation.allowed_mode == 0600);
  CHECK(expectation.owners == Uids{0});
  CHECK(expectation.because == "cloudflared.service runs as root");
  const Holding shared{.gid = service, .group_members = {"cloudflared", "mallory"}};
  CHECK(expected(shared, {own_user, invented}).allowed_mode == 0600);
}

TEST_CASE("several needs are all met, each reason told once") {
  Need second = own_user;
  second.who = "cloudflared@b.service";
  const Holding held{.gid = service, .group_members = {"cloudflared"}};
  const Expectation expectation = expected(held, {root_service, own_user, second, root_service});
  CHECK(expectation.allowed_mode == 0640);
  CHECK(expectation.owners == Uids{0, service});
  CHECK(expectation.owner_text == "root or cloudflared");
  CHECK(expectation.because ==
        "cloudflared.service runs as root; cloudflared.service runs as cloudflared, which reads "
        "it through its own group; cloudflared@b.service runs as cloudflared, which reads it "
        "through its own group");

  CHECK(expected({.uid = container}, {own_user, in_docker}).owner_text == "cloudflared or 65532");
}

TEST_CASE("of many reasons some are told") {
  std::vector<Need> many;
  for (int i = 0; i < 9; ++i) {
    many.push_back(root_service);
    many.back().who = "s" + std::to_string(i);
  }
  CHECK(expected({}, many).because ==
        "s0 runs as root; s1 runs as root; s2 runs as root; and 6 more");
}

TEST_CASE("in a home its owner is expected whatever service reads it") {
  const Holding at_home{.uid = 1000, .gid = 1000, .home_owner = 1000, .home_owner_name = "alice"};
  const Expectation expectation = expected(at_home, {root_service});
  CHECK(expectation.owners == Uids{0, 1000});
  CHECK(expectation.owner_text == "root or alice");
  CHECK(expectation.allowed_mode == 0600);
}

}  // namespace cfwarden
