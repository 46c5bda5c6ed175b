#include "cfwarden/mend/steps.h"

#include "../host/tree.h"
#include "cfwarden/exposure/access.h"
#include "cfwarden/host/acl.h"
#include "cfwarden/mend/expected.h"
#include "cfwarden/mend/take_steps.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::uint32_t bob = 54330;
constexpr std::uint32_t stranger = 54340;

std::vector<AclEntry> acl_of(unsigned mode, unsigned group, std::vector<AclEntry> named) {
  std::vector<AclEntry> acl{{AclTag::owner, 0, mode >> 6 & 7}};
  for (const AclEntry& entry : named) {
    if (entry.tag == AclTag::user) acl.push_back(entry);
  }
  acl.push_back({AclTag::group, 0, group});
  for (const AclEntry& entry : named) {
    if (entry.tag == AclTag::named_group) acl.push_back(entry);
  }
  acl.push_back({AclTag::mask, 0, mode >> 3 & 7});
  acl.push_back({AclTag::others, 0, mode & 7});
  return acl;
}

Attributes plain(unsigned mode, std::uint32_t uid = 0, std::uint32_t gid = 0) {
  return {.permissions = {.mode = mode, .uid = uid, .gid = gid, .acl = {}}, .default_acl = {}};
}

Attributes with_acl(unsigned mode, unsigned group, std::vector<AclEntry> named) {
  Attributes attributes = plain(mode);
  attributes.permissions.acl = acl_of(mode, group, std::move(named));
  return attributes;
}

class Dice {
 public:
  unsigned below(unsigned limit) { return static_cast<unsigned>(numbers_() % limit); }
  template <class T, std::size_t n>
  T one_of(const std::array<T, n>& all) {
    return all[below(n)];
  }

 private:
  std::mt19937 numbers_{4711};
};

constexpr std::array users{alice, mallory, bob};

Attributes random_attributes(Dice& dice, FileType type, bool with_owners) {
  Attributes made = plain(dice.below(010000));
  if (with_owners) {
    made.permissions.uid = dice.one_of(users);
    made.permissions.gid = dice.one_of(users);
  } else {
    made.permissions.uid = geteuid();
    made.permissions.gid = getegid();
  }
  const auto random_acl = [&](unsigned mode) {
    std::vector<AclEntry> named;
    for (const AclTag tag : {AclTag::user, AclTag::named_group}) {
      for (const std::uint32_t id : users) {
        if (dice.below(2) == 0) named.push_back({tag, id, dice.below(8)});
      }
    }
    return acl_of(mode, dice.below(8), named);
  };
  if (dice.below(2) == 0) made.permissions.acl = random_acl(made.permissions.mode);
  if (type == FileType::directory && dice.below(2) == 0) made.default_acl = random_acl(0750);
  return made;
}

// Everybody whom some attribute could mean, in every combination of groups.
std::vector<Principal> everybody() {
  std::vector<Principal> all;
  for (const std::uint32_t uid : {alice, mallory, bob, stranger}) {
    for (unsigned groups = 0; groups < 8; ++groups) {
      Principal who{.uid = uid, .gids = {stranger}};
      for (std::size_t i = 0; i < users.size(); ++i) {
        if ((groups >> i & 1) != 0) who.gids.push_back(users[i]);
      }
      all.push_back(who);
    }
  }
  return all;
}

bool is_beyond(const Permissions& state, const Permissions& before, const Permissions& after,
               const Principal& who) {
  for (unsigned rights = 1; rights <= 7; ++rights) {
    const auto access = static_cast<Access>(rights);
    if (permits(state, who, access) && !permits(before, who, access) &&
        !permits(after, who, access)) {
      return true;
    }
  }
  return false;
}

bool lends_set_ids(const Permissions& state, const Permissions& given) {
  const bool setuid = (state.mode & 04000) != 0;
  const bool setgid = (state.mode & 02010) == 02010;
  return (!setuid || (state.uid == given.uid && (given.mode & 04000) != 0)) &&
         (!setgid || (state.gid == given.gid && (given.mode & 02000) != 0));
}

TEST_CASE("between any two states nobody has a right that neither of them gives") {
  const std::vector<Principal> all = everybody();
  Dice dice;
  for (int i = 0; i < 6000; ++i) {
    const FileType type = dice.below(2) == 0 ? FileType::regular : FileType::directory;
    const bool owners = dice.below(2) == 0;
    Attributes before = random_attributes(dice, type, true);
    Attributes after = random_attributes(dice, type, true);
    if (!owners) {
      after.permissions.uid = before.permissions.uid;
      after.permissions.gid = before.permissions.gid;
    }
    CAPTURE(i);
    const std::vector<Attributes> states = states_between(before, after, type);
    CHECK(states.front() == before);
    CHECK(states.back() == after);
    for (const Attributes& state : states) {
      CAPTURE(state.permissions.mode);
      const bool gave = std::ranges::any_of(all, [&](const Principal& who) {
        return is_beyond(state.permissions, before.permissions, after.permissions, who);
      });
      CHECK_FALSE(gave);
      if (type == FileType::directory) continue;
      const bool is_lent = lends_set_ids(state.permissions, before.permissions) ||
                           lends_set_ids(state.permissions, after.permissions);
      CHECK(is_lent);
    }
  }
}

TEST_CASE("a tightened mode alone is one step, and nothing to change is none") {
  CHECK(steps_between(plain(0644), plain(0600), FileType::regular) ==
        std::vector<Step>{ModeStep{0600}});
  CHECK(steps_between(plain(04755), plain(0700), FileType::regular) ==
        std::vector<Step>{ModeStep{0700}});
  CHECK(steps_between(plain(0600), plain(0600), FileType::regular).empty());
}

TEST_CASE("the mode is closed before an ACL goes") {
  const Attributes before = with_acl(0640, 0, {{AclTag::user, alice, 4}});
  CHECK(steps_between(before, plain(0600), FileType::regular) ==
        std::vector<Step>{ModeStep{0600}, AclStep{AclKind::access, {}}});
}

TEST_CASE("an ACL that is trimmed is replaced by the smaller one") {
  const Attributes before =
      with_acl(0660, 6, {{AclTag::user, alice, 4}, {AclTag::user, mallory, 6}});
  const Attributes after = with_acl(0640, 0, {{AclTag::user, alice, 4}});
  CHECK(steps_between(before, after, FileType::regular) ==
        std::vector<Step>{ModeStep{0640}, AclStep{AclKind::access, after.permissions.acl}});
}

TEST_CASE("an ACL whose mask alone changes is left to chmod") {
  const Attributes before = with_acl(0664, 6, {{AclTag::user, alice, 6}});
  const Attributes after = with_acl(0640, 6, {{AclTag::user, alice, 6}});
  CHECK(steps_between(before, after, FileType::regular) == std::vector<Step>{ModeStep{0640}});
}

TEST_CASE("an ACL that returns brings the group bits itself") {
  const Attributes after = with_acl(0640, 0, {{AclTag::user, alice, 4}});
  CHECK(steps_between(plain(0600), after, FileType::regular) ==
        std::vector<Step>{AclStep{AclKind::access, after.permissions.acl}});
}

TEST_CASE("an owner changes after the ACL went or before it comes, and only the owner can read") {
  Attributes with = with_acl(0640, 0, {{AclTag::user, alice, 4}});
  with.permissions.uid = bob;
  const Attributes without = plain(0640);
  CHECK(steps_between(with, without, FileType::regular) ==
        std::vector<Step>{ModeStep{0600}, AclStep{AclKind::access, {}}, OwnerStep{0, 0},
                          ModeStep{0640}});
  CHECK(steps_between(without, with, FileType::regular) ==
        std::vector<Step>{ModeStep{0600}, OwnerStep{bob, 0},
                          AclStep{AclKind::access, with.permissions.acl}});
}

TEST_CASE("setuid comes last, when the file has the owner it was given for") {
  CHECK(steps_between(plain(0700), plain(04755, alice, alice), FileType::regular) ==
        std::vector<Step>{OwnerStep{alice, alice}, ModeStep{04755}});
  CHECK(steps_between(plain(04755, alice, alice), plain(04700), FileType::regular) ==
        std::vector<Step>{ModeStep{0700}, OwnerStep{0, 0}, ModeStep{04700}});
}

TEST_CASE("a directory's default ACL goes and comes, a file has none") {
  Attributes with = plain(0700);
  with.default_acl = acl_of(0750, 5, {{AclTag::user, alice, 5}});
  CHECK(steps_between(with, plain(0700), FileType::directory) ==
        std::vector<Step>{AclStep{AclKind::by_default, {}}});
  CHECK(steps_between(plain(0700), with, FileType::directory) ==
        std::vector<Step>{AclStep{AclKind::by_default, with.default_acl}});
  CHECK(states_between(plain(0700), with, FileType::regular).back() != with);
}

Attributes present(const Descriptor& object) {
  const auto facts = present_facts(object);
  REQUIRE(facts.has_value());
  return attributes_in(*facts);
}

bool has_acls(const Descriptor& object) {
  const std::string xattr = encode_acl(acl_of(0640, 0, {{AclTag::user, alice, 4}}));
  return setxattr(proc_path(object).c_str(), access_acl_attribute, xattr.data(), xattr.size(), 0) ==
         0;
}

void put_into(const Attributes& state, const Descriptor& object, FileType type) {
  const Permissions& permissions = state.permissions;
  if (geteuid() == 0) REQUIRE(take(OwnerStep{permissions.uid, permissions.gid}, object));
  REQUIRE(take(AclStep{AclKind::access, permissions.acl}, object));
  if (type == FileType::directory) {
    REQUIRE(take(AclStep{AclKind::by_default, state.default_acl}, object));
  }
  REQUIRE(take(ModeStep{permissions.mode}, object));
  CHECK(present(object) == state);
}

TEST_CASE("a new owner costs a file its special bits as was foretold") {
  if (needs_root()) return;
  Tree tree;
  const std::string paths[] = {tree.file("/file"), tree.directory("/directory")};
  for (const std::string& path : paths) {
    const Descriptor object{open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    const FileType type = path == paths[0] ? FileType::regular : FileType::directory;
    for (const unsigned mode : {07777U, 06700U, 02755U, 02745U, 04755U, 01777U, 0644U}) {
      CAPTURE(path);
      CAPTURE(mode);
      put_into(plain(mode, alice, alice), object, type);
      REQUIRE(take(OwnerStep{bob, mallory}, object));
      CHECK(present(object) ==
            after_step(plain(mode, alice, alice), OwnerStep{bob, mallory}, type));
    }
  }
}

TEST_CASE("the kernel makes of every step what was foretold") {
  Tree tree;
  const std::string paths[] = {tree.file("/file"), tree.directory("/directory")};
  Dice dice;
  for (const std::string& path : paths) {
    CAPTURE(path);
    const Descriptor object{open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (!has_acls(object)) {
      MESSAGE("skipped: no ACLs on this file system");
      return;
    }
    const FileType type = path == paths[0] ? FileType::regular : FileType::directory;
    for (int i = 0; i < 500; ++i) {
      CAPTURE(i);
      const bool is_root = geteuid() == 0;
      Attributes state = random_attributes(dice, type, is_root);
      const Attributes after = random_attributes(dice, type, is_root);
      put_into(state, object, type);
      for (const Step& step : steps_between(state, after, type)) {
        REQUIRE(take(step, object));
        state = after_step(state, step, type);
        CHECK(present(object) == state);
      }
      CHECK(state == after);
    }
  }
}

}  // namespace
}  // namespace cfwarden
