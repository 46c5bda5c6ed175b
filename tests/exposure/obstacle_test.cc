#include "cfwarden/exposure/obstacle.h"

#include <doctest/doctest.h>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::uint32_t alice = 1000;
constexpr std::uint32_t service = 900;
constexpr std::uint32_t ssl = 910;
constexpr std::uint32_t tunnels = 920;

const Accounts accounts{
    .users = {{.name = "root"},
              {.name = "alice", .uid = alice, .gid = alice},
              {.name = "cloudflared", .uid = service, .gid = service, .groups = {tunnels}}},
    .groups = {{.name = "root", .gid = 0},
               {.name = "cloudflared", .gid = service},
               {.name = "ssl", .gid = ssl},
               {.name = "tunnels", .gid = tunnels}}};

const Reader cloudflared{.who = {.uid = service, .gids = {service, tunnels}}};

DirectoryFacts directory(std::string path, Permissions permissions) {
  return {.path = std::move(path), .permissions = std::move(permissions)};
}

FileFacts file(Permissions permissions, std::vector<DirectoryFacts> above = {}) {
  return {.permissions = std::move(permissions), .ancestors = std::move(above)};
}

std::string words(const FileFacts& facts, const Reader& reader = cloudflared,
                  std::size_t first_ancestor = 0) {
  const auto obstacle = obstacle_of(facts, "/srv/token", reader, accounts, first_ancestor);
  return obstacle ? obstacle->words : "";
}

const DirectoryFacts top = directory("/", {.mode = 0755});
const DirectoryFacts roots_home = directory("/root", {.mode = 0700});

}  // namespace

TEST_CASE("the first directory that cannot be searched is the obstacle") {
  const FileFacts facts =
      file({.mode = 0600}, {top, roots_home, directory("/root/a", {.mode = 0700})});
  const auto obstacle = obstacle_of(facts, "/root/a/token", cloudflared, accounts);
  REQUIRE(obstacle);
  CHECK(obstacle->path == "/root");
  CHECK(obstacle->is_directory);
  CHECK(obstacle->words == "cannot search /root (mode 0700, owner root)");
}

TEST_CASE("a directory that only holds a link on the way counts too") {
  const FileFacts facts =
      file({.mode = 0644}, {top, roots_home, top, directory("/srv", {.mode = 0755})});
  CHECK(words(facts) == "cannot search /root (mode 0700, owner root)");
}

TEST_CASE("directories above a mount do not count") {
  const FileFacts facts =
      file({.mode = 0644}, {top, roots_home, directory("/root/m", {.mode = 0755})});
  CHECK(words(facts, cloudflared, 1) == "cannot search /root (mode 0700, owner root)");
  CHECK(words(facts, cloudflared, 2).empty());
  CHECK(words(facts, cloudflared, 9).empty());
}

TEST_CASE("of a file the words are mode and owner, and the group where it would help") {
  CHECK(words(file({.mode = 0600})) == "cannot read it (mode 0600, owner root)");
  CHECK(words(file({.mode = 0640, .gid = ssl})) ==
        "cannot read it (mode 0640, owner root, group ssl)");
  CHECK(words(file({.mode = 0604, .gid = tunnels})) == "cannot read it (mode 0604, group tunnels)");
  CHECK(words(file({.mode = 0044, .uid = service})) ==
        "cannot read it (mode 0044, owner cloudflared)");
  CHECK(words(file({.mode = 04620, .uid = 4711})) == "cannot read it (mode 4620, owner 4711)");
  const auto obstacle = obstacle_of(file({.mode = 0600}), "/srv/token", cloudflared, accounts);
  REQUIRE(obstacle);
  CHECK(obstacle->path == "/srv/token");
  CHECK_FALSE(obstacle->is_directory);
}

TEST_CASE("what the mask takes away is said to be given and taken") {
  const AclEntry user{AclTag::user, service, 4};
  const AclEntry group{AclTag::named_group, tunnels, 4};
  const auto acl = [](const AclEntry& entry, unsigned mask) {
    return std::vector<AclEntry>{{AclTag::owner, 0, 6},
                                 entry,
                                 {AclTag::group, 0, 0},
                                 {AclTag::mask, 0, mask},
                                 {AclTag::others, 0, 0}};
  };
  CHECK(words(file({.mode = 0620, .acl = acl(user, 2)})) ==
        "cannot read it: the ACL's mask takes away what user:cloudflared is given");
  CHECK(words(file({.mode = 0620, .acl = acl(group, 2)})) ==
        "cannot read it: the ACL's mask takes away what group:tunnels is given");
  // The kernel does not even ask an ACL whose mask is empty.
  CHECK(words(file({.mode = 0600, .acl = acl(user, 0)})) ==
        "cannot read it: the ACL's mask takes away what user:cloudflared is given");
  CHECK(words(file({.mode = 0640, .acl = acl(user, 4)})).empty());
  CHECK(words(file({.mode = 0644}, {directory("/srv", {.mode = 0760, .acl = acl(user, 6)})})) ==
        "cannot search /srv: the ACL's entry user:cloudflared does not allow it");
}

TEST_CASE("an ACL that names the reader without giving is named, another's is not") {
  std::vector<AclEntry> acl{{AclTag::owner, 0, 6},
                            {AclTag::user, service, 0},
                            {AclTag::group, 0, 4},
                            {AclTag::mask, 0, 4},
                            {AclTag::others, 0, 4}};
  CHECK(words(file({.mode = 0644, .gid = tunnels, .acl = acl})) ==
        "cannot read it: the ACL's entry user:cloudflared does not allow it");
  acl[1].id = alice;
  acl[4].permissions = 0;
  CHECK(words(file({.mode = 0640, .acl = acl})) == "cannot read it (mode 0640, owner root)");
}

TEST_CASE("root and whoever bypasses modes meet no obstacle") {
  const FileFacts facts = file({.mode = 0}, {roots_home});
  CHECK(words(facts, {.who = {.uid = 0, .gids = {0}}}).empty());
  Reader reader = cloudflared;
  reader.bypasses = true;
  CHECK(words(facts, reader).empty());
}

namespace {

using Random = std::mt19937;

unsigned below(Random& random, unsigned limit) {
  return std::uniform_int_distribution<unsigned>{0, limit - 1}(random);
}

// Few ids, so that every class and entry is met often.
std::uint32_t random_id(Random& random) {
  return below(random, 4);
}

Permissions random_permissions(Random& random) {
  Permissions permissions{
      .mode = below(random, 01000), .uid = random_id(random), .gid = random_id(random), .acl = {}};
  if (below(random, 2) == 0) return permissions;
  const unsigned mask = permissions.mode >> 3 & 7U;
  permissions.acl = {{AclTag::owner, 0, permissions.mode >> 6}};
  for (std::uint32_t id = 1; id < 4; ++id) {
    if (below(random, 2) == 0) permissions.acl.push_back({AclTag::user, id, below(random, 8)});
  }
  permissions.acl.push_back({AclTag::group, 0, below(random, 8)});
  for (std::uint32_t id = 1; id < 4; ++id) {
    if (below(random, 2) == 0) {
      permissions.acl.push_back({AclTag::named_group, id, below(random, 8)});
    }
  }
  permissions.acl.push_back({AclTag::mask, 0, mask});
  permissions.acl.push_back({AclTag::others, 0, permissions.mode & 7U});
  return permissions;
}

// Mostly open directories, so that the file's own bits decide often enough.
FileFacts random_facts(Random& random) {
  FileFacts facts = file(random_permissions(random));
  for (unsigned depth = below(random, 4); depth > 0; --depth) {
    Permissions permissions = random_permissions(random);
    if (below(random, 3) != 0) permissions = {.mode = 0755, .uid = 0, .gid = 0, .acl = {}};
    facts.ancestors.push_back(directory("/d" + std::to_string(depth), permissions));
  }
  return facts;
}

}  // namespace

TEST_CASE("there is an obstacle exactly where the kernel's decision refuses") {
  Random random{20260802};
  unsigned readable = 0;
  unsigned closed = 0;
  constexpr unsigned rounds = 20000;
  for (unsigned round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const FileFacts facts = random_facts(random);
    const Reader reader{
        .who = {.uid = random_id(random), .gids = {random_id(random), random_id(random)}}};
    const auto obstacle = obstacle_of(facts, "/file", reader, accounts);
    REQUIRE(obstacle.has_value() != can_open(facts, reader.who, Access::read));
    if (!obstacle) {
      ++readable;
      continue;
    }
    const DirectoryFacts* directory_in_the_way = closed_directory(facts, reader.who);
    REQUIRE(obstacle->is_directory == (directory_in_the_way != nullptr));
    REQUIRE(obstacle->path == (directory_in_the_way ? directory_in_the_way->path : "/file"));
    if (obstacle->is_directory) ++closed;
  }
  CHECK(readable > rounds / 10);
  CHECK(closed > rounds / 10);
  CHECK(rounds - readable - closed > rounds / 10);
}

TEST_CASE("mending what the words blame lets the reader in") {
  Random random{8};
  unsigned masks = 0;
  unsigned groups = 0;
  for (unsigned round = 0; round < 20000; ++round) {
    CAPTURE(round);
    FileFacts facts = file(random_permissions(random));
    Reader reader{.who = {.uid = random_id(random), .gids = {random_id(random)}}};
    const std::string blamed = words(facts, reader);
    CAPTURE(blamed);
    if (blamed.find("mask takes away") != std::string::npos) {
      ++masks;
      facts.permissions.mode |= 070;
      for (AclEntry& entry : facts.permissions.acl) {
        if (entry.tag == AclTag::mask) entry.permissions = 7;
      }
      REQUIRE(words(facts, reader).empty());
    } else if (blamed.find(", owner ") != std::string::npos &&
               blamed.find(", group ") != std::string::npos) {
      ++groups;
      reader.who.gids.push_back(facts.permissions.gid);
      REQUIRE(words(facts, reader).empty());
    }
  }
  CHECK(masks > 500);
  CHECK(groups > 500);
}

}  // namespace cfwarden
