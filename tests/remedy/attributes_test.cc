#include "cfwarden/remedy/attributes.h"

#include <doctest/doctest.h>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::uint32_t alice = 1000;
constexpr std::uint32_t bob = 1001;
constexpr std::uint32_t service = 900;
constexpr std::uint32_t ssl = 910;

constexpr auto file = FileType::regular;
constexpr auto directory = FileType::directory;

Attributes plain(unsigned mode) {
  return {.permissions = {.mode = mode, .uid = alice, .gid = alice}, .default_acl = {}};
}

// With an ACL as the kernel holds it: the mode's group bits are the mask.
Attributes with_acl(unsigned mode, unsigned group, std::vector<AclEntry> named) {
  Attributes attributes = plain(mode);
  std::vector<AclEntry>& acl = attributes.permissions.acl;
  acl.push_back({AclTag::owner, 0, (mode >> 6) & 7U});
  for (const AclEntry& entry : named) {
    if (entry.tag == AclTag::user) acl.push_back(entry);
  }
  acl.push_back({AclTag::group, 0, group});
  for (const AclEntry& entry : named) {
    if (entry.tag == AclTag::named_group) acl.push_back(entry);
  }
  acl.push_back({AclTag::mask, 0, (mode >> 3) & 7U});
  acl.push_back({AclTag::others, 0, mode & 7U});
  return attributes;
}

AclEntry user(std::uint32_t id, unsigned permissions) {
  return {AclTag::user, id, permissions};
}
AclEntry group(std::uint32_t id, unsigned permissions) {
  return {AclTag::named_group, id, permissions};
}

unsigned mode_of(const Attributes& attributes) {
  return attributes.permissions.mode;
}

Wish closing(unsigned allowed) {
  return {.allowed_mode = allowed, .drop_acl = true};
}

// What the kernel makes of an ACL it is given: mask and mode agree.
bool is_sound(const Attributes& attributes) {
  const Permissions& permissions = attributes.permissions;
  for (const AclEntry& entry : permissions.acl) {
    if (entry.tag == AclTag::owner && entry.permissions != ((permissions.mode >> 6) & 7U))
      return false;
    if (entry.tag == AclTag::mask && entry.permissions != ((permissions.mode >> 3) & 7U))
      return false;
    if (entry.tag == AclTag::others && entry.permissions != (permissions.mode & 7U)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("of all modes only bits go, and special bits go from files alone") {
  for (const unsigned allowed : {0600U, 0640U, 0644U, 0700U, 0755U, 0U, 0777U}) {
    for (unsigned mode = 0; mode <= 07777; ++mode) {
      for (const FileType type : {file, directory}) {
        CAPTURE(allowed);
        CAPTURE(mode);
        const Attributes before = plain(mode);
        const Attributes after = tightened(before, type, closing(allowed));
        const unsigned special = type == directory ? mode & 07000U : 0U;
        REQUIRE(mode_of(after) == (special | (mode & allowed)));
        REQUIRE_FALSE(widens(before, after));
        REQUIRE(tightened(after, type, closing(allowed)) == after);
      }
    }
  }
}

TEST_CASE("a mode that is closed already stays") {
  CHECK(mode_of(tightened(plain(0400), file, closing(0600))) == 0400);
  CHECK(mode_of(tightened(plain(0600), file, closing(0600))) == 0600);
  CHECK(mode_of(tightened(plain(0444), file, closing(0600))) == 0400);
  CHECK(mode_of(tightened(plain(0044), file, closing(0600))) == 0);
}

TEST_CASE("without an allowed mode the mode stays, special bits too") {
  CHECK(mode_of(tightened(plain(04777), file, {.drop_acl = true})) == 04777);
  CHECK(tightened(plain(0666), file, {}) == plain(0666));
}

TEST_CASE("when the ACL goes, the group gets what the mask had left of its own entry") {
  const Attributes before = with_acl(0660, 4, {user(bob, 6)});
  CHECK(tightened(before, file, {.drop_acl = true}) == plain(0640));
  CHECK(tightened(with_acl(0660, 0, {user(bob, 6)}), file, {.drop_acl = true}) == plain(0600));
  CHECK(tightened(before, file, closing(0600)) == plain(0600));
}

TEST_CASE("what an entry refused is not given by the wider class that is left") {
  CHECK(tightened(with_acl(0644, 4, {user(bob, 0)}), file, {.drop_acl = true}) == plain(0600));
  CHECK(tightened(with_acl(0644, 4, {group(ssl, 0)}), file, {.drop_acl = true}) == plain(0640));
  CHECK(tightened(with_acl(0644, 4, {user(bob, 4)}), file, {.drop_acl = true}) == plain(0644));
  // Bob may be a member of the group.
  CHECK(tightened(with_acl(0660, 6, {user(bob, 4)}), file, {.drop_acl = true}) == plain(0640));
}

TEST_CASE("where the mask is empty no entry was asked, so none is missed") {
  CHECK(tightened(with_acl(0604, 4, {user(bob, 0)}), file, {.drop_acl = true}) == plain(0604));
}

TEST_CASE("a chmod that empties the mask takes from others what an entry refused") {
  const Attributes after =
      tightened(with_acl(0644, 4, {user(bob, 0)}), file, {.allowed_mode = 0604});
  CHECK(mode_of(after) == 0600);
  CHECK(after.permissions.acl.size() == 5);
  CHECK(is_sound(after));
}

TEST_CASE("kept entries only read, and the mask is as small as they") {
  const Attributes before = with_acl(0674, 6, {user(bob, 7), user(service, 6), group(ssl, 6)});
  const Attributes after =
      tightened(before, file, {.allowed_mode = 0600, .drop_acl = true, .keep_users = {service}});
  CHECK(after == with_acl(0640, 0, {user(service, 4)}));
  CHECK_FALSE(widens(before, after));
  const Attributes both =
      tightened(before, file, {.allowed_mode = 0640, .drop_acl = true, .keep_groups = {ssl}});
  CHECK(both == with_acl(0640, 4, {group(ssl, 4)}));
}

TEST_CASE("kept entries of a directory read and search") {
  const Attributes before = with_acl(0770, 7, {user(service, 7)});
  const Attributes after = tightened(
      before, directory, {.allowed_mode = 0700, .drop_acl = true, .keep_users = {service}});
  CHECK(after == with_acl(0750, 0, {user(service, 5)}));
}

TEST_CASE("an entry that gives nothing is not kept") {
  const Wish wish{.allowed_mode = 0600, .drop_acl = true, .keep_users = {service}};
  CHECK(tightened(with_acl(0620, 0, {user(service, 4)}), file, wish) == plain(0600));
  CHECK(tightened(with_acl(0640, 0, {user(service, 2)}), file, wish) == plain(0600));
  CHECK(tightened(with_acl(0640, 0, {user(bob, 4)}), file, wish) == plain(0600));
}

TEST_CASE("a default ACL goes alone") {
  Attributes before = plain(02755);
  before.default_acl = {{AclTag::owner, 0, 7}, {AclTag::group, 0, 5}, {AclTag::others, 0, 5}};
  const Attributes after = tightened(before, directory, {.drop_default_acl = true});
  CHECK(after == plain(02755));
  CHECK_FALSE(widens(before, after));
  CHECK(widens(after, before));
}

TEST_CASE("a new owner leaves the old one nothing more than before") {
  const auto after = [](unsigned mode) {
    return tightened(plain(mode), file, {.uid = 0}).permissions;
  };
  CHECK(after(0644).mode == 0644);
  CHECK(after(0644).uid == 0);
  CHECK(after(0244).mode == 0200);
  CHECK(after(0066).mode == 0);
}

TEST_CASE("a new group has what its members had before, and the old one falls to nobody's gain") {
  const auto after = [](const Attributes& before) {
    return tightened(before, file, {.allowed_mode = 0644, .gid = service}).permissions;
  };
  CHECK(after(plain(0644)).mode == 0644);
  CHECK(after(plain(0644)).gid == service);
  CHECK(after(plain(0640)).mode == 0600);
  CHECK(after(plain(0604)).mode == 0600);
  CHECK(after(with_acl(0640, 4, {group(service, 4)})).mode == 0640);
  CHECK(after(with_acl(0644, 4, {group(ssl, 0)})).mode == 0600);
}

TEST_CASE("a right that appears anywhere is seen") {
  CHECK(widens(plain(0600), plain(0640)));
  CHECK(widens(plain(0600), plain(0601)));
  CHECK(widens(plain(0700), plain(04700)));
  CHECK(widens(plain(0600), with_acl(0640, 0, {user(bob, 4)})));
  CHECK(widens(with_acl(0640, 0, {user(bob, 4)}), plain(0640)));
  CHECK(widens(with_acl(0644, 4, {user(bob, 0)}), plain(0644)));
  CHECK(widens(with_acl(0644, 4, {user(bob, 0)}), with_acl(0604, 4, {user(bob, 0)})));
  Attributes given = plain(0600);
  given.permissions.uid = bob;
  CHECK(widens(plain(0600), given));
  given = plain(0640);
  given.permissions.gid = ssl;
  CHECK(widens(plain(0640), given));
  CHECK_FALSE(widens(plain(0640), plain(0640)));
  CHECK_FALSE(widens(with_acl(0640, 0, {user(bob, 4)}), plain(0600)));
}

TEST_CASE(
    "over ACLs of every sort nothing widens, nothing is left to do, all is as the kernel has it") {
  std::mt19937 random{1};
  const auto any = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  for (int round = 0; round < 60000; ++round) {
    CAPTURE(round);
    const FileType type = any(2) == 0 ? file : directory;
    std::vector<AclEntry> named;
    for (const std::uint32_t id : {alice, bob, service, 0U}) {
      if (any(3) == 0) named.push_back(user(id, any(8)));
    }
    for (const std::uint32_t id : {alice, ssl, service}) {
      if (any(3) == 0) named.push_back(group(id, any(8)));
    }
    const unsigned mode = any(010000);
    const Attributes before = named.empty() ? plain(mode) : with_acl(mode, any(8), named);
    Wish wish{.drop_acl = any(4) != 0, .drop_default_acl = any(2) == 0};
    if (any(8) != 0)
      wish.allowed_mode = std::vector<unsigned>{0600, 0640, 0644, 0755, 0700, 0604}[any(6)];
    for (const std::uint32_t id : {alice, bob, service, 0U}) {
      if (any(3) == 0) wish.keep_users.insert(id);
      if (any(3) == 0) wish.keep_groups.insert(id == bob ? ssl : id);
    }
    if (any(4) == 0) wish.uid = 0;
    if (any(4) == 0) wish.gid = any(2) == 0 ? service : ssl;
    const Attributes after = tightened(before, type, wish);
    REQUIRE_FALSE(widens(before, after));
    REQUIRE((mode_of(after) & ~mode_of(before)) == 0);
    REQUIRE(is_sound(after));
    if (wish.drop_acl) REQUIRE(tightened(after, type, wish) == after);
  }
}

}  // namespace cfwarden
