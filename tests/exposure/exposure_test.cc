#include "cfwarden/exposure/exposure.h"

#include <doctest/doctest.h>
#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using Names = std::vector<std::string>;

constexpr std::uint32_t alice = 1000;
constexpr std::uint32_t bob = 1001;
constexpr std::uint32_t carol = 1002;
constexpr std::uint32_t deploy = 1003;
constexpr std::uint32_t cloudflared = 990;  // A group with deploy in it.
constexpr std::uint32_t ops = 991;          // A group with carol in it.
constexpr std::uint32_t nobody_in_it = 992;

Accounts town() {
  return {
      .users =
          {{.name = "root", .uid = 0, .gid = 0, .home = "/root", .groups = {}},
           {.name = "alice", .uid = alice, .gid = alice, .home = "", .groups = {}},
           {.name = "bob", .uid = bob, .gid = bob, .home = "", .groups = {}},
           {.name = "carol", .uid = carol, .gid = carol, .home = "", .groups = {ops}},
           {.name = "deploy", .uid = deploy, .gid = deploy, .home = "", .groups = {cloudflared}}},
      .groups = {{.name = "root", .gid = 0},
                 {.name = "alice", .gid = alice},
                 {.name = "cloudflared", .gid = cloudflared},
                 {.name = "ops", .gid = ops},
                 {.name = "empty", .gid = nobody_in_it}}};
}

Permissions owned(std::uint32_t uid, std::uint32_t gid, unsigned mode) {
  return {.mode = mode, .uid = uid, .gid = gid, .acl = {}};
}

DirectoryFacts directory(std::string path, Permissions permissions) {
  return {
      .path = std::move(path), .id = {}, .permissions = std::move(permissions), .default_acl = {}};
}

// /etc/cloudflared/token, unless the test says otherwise.
FileFacts file_below(Permissions holder, Permissions file) {
  return {.id = {},
          .type = FileType::regular,
          .permissions = std::move(file),
          .default_acl = {},
          .ancestors = {directory("/", owned(0, 0, 0755)), directory("/etc", owned(0, 0, 0755)),
                        directory("/etc/cloudflared", std::move(holder))}};
}

FileFacts file_with(Permissions file) {
  return file_below(owned(0, 0, 0755), std::move(file));
}

Permissions with_acl(Permissions permissions, std::vector<AclEntry> named, unsigned group = 0) {
  permissions.acl.push_back({AclTag::owner, 0, permissions.mode >> 6 & 7});
  for (const AclEntry& entry : named) {
    if (entry.tag == AclTag::user) permissions.acl.push_back(entry);
  }
  permissions.acl.push_back({AclTag::group, 0, group});
  for (const AclEntry& entry : named) {
    if (entry.tag == AclTag::named_group) permissions.acl.push_back(entry);
  }
  permissions.acl.push_back({AclTag::mask, 0, permissions.mode >> 3 & 7});
  permissions.acl.push_back({AclTag::others, 0, permissions.mode & 7});
  return permissions;
}

Reach readers_of(const FileFacts& facts) {
  return exposure_of(facts, town()).readers;
}
Reach writers_of(const FileFacts& facts) {
  return exposure_of(facts, town()).writers;
}

TEST_CASE("a file that only root and its owner can open has no other reader or writer") {
  for (const Permissions& file :
       {owned(0, 0, 0600), owned(0, 0, 0640), owned(0, 0, 0400), owned(0, nobody_in_it, 0660)}) {
    CAPTURE(file.mode);
    const Exposure exposure = exposure_of(file_with(file), town());
    CHECK(exposure.readers.audience == Audience::owner);
    CHECK(exposure.readers.accounts.empty());
    CHECK(exposure.readers.because.empty());
    CHECK(exposure.writers.audience == Audience::owner);
    CHECK(exposure.writers.because.empty());
  }
}

TEST_CASE("a world-readable file below open directories is everyone's") {
  const Reach readers = readers_of(file_with(owned(0, 0, 0644)));
  CHECK(readers.audience == Audience::everyone);
  CHECK(readers.accounts == Names{"alice", "bob", "carol", "deploy"});
  CHECK(readers.because == Names{"mode 0644, and every directory above can be searched"});
}

TEST_CASE("everyone is also said of a host without accounts") {
  const Reach readers = exposure_of(file_with(owned(0, 0, 0644)), {}).readers;
  CHECK(readers.audience == Audience::everyone);
  CHECK(readers.accounts.empty());
  CHECK(readers.because.size() == 1);
}

TEST_CASE("a closed directory above leaves a world-readable file to its owner") {
  const Reach readers = readers_of(file_below(owned(0, 0, 0700), owned(0, 0, 0644)));
  CHECK(readers.audience == Audience::owner);
  CHECK(readers.accounts.empty());
}

TEST_CASE("a directory that can be listed but not searched gives nobody the file") {
  CHECK(readers_of(file_below(owned(0, 0, 0744), owned(0, 0, 0644))).audience == Audience::owner);
  CHECK(readers_of(file_below(owned(0, 0, 0711), owned(0, 0, 0644))).audience ==
        Audience::everyone);
}

TEST_CASE("the owner never counts, and neither does another account of root's uid") {
  Accounts accounts = town();
  accounts.users.push_back({.name = "toor", .uid = 0, .gid = 0, .home = "", .groups = {}});
  const Reach readers = exposure_of(file_with(owned(bob, bob, 0644)), accounts).readers;
  CHECK(readers.accounts == Names{"alice", "carol", "deploy"});
}

TEST_CASE("members of the owning group are a group, primary members included") {
  const Reach by_supplementary = readers_of(file_with(owned(0, cloudflared, 0640)));
  CHECK(by_supplementary.audience == Audience::group);
  CHECK(by_supplementary.accounts == Names{"deploy"});
  CHECK(by_supplementary.because == Names{"group cloudflared: deploy"});
  const Reach by_primary = readers_of(file_with(owned(0, alice, 0640)));
  CHECK(by_primary.audience == Audience::group);
  CHECK(by_primary.accounts == Names{"alice"});
}

TEST_CASE("one denied account makes everyone some users") {
  const Reach readers = readers_of(file_with(owned(0, cloudflared, 0604)));
  CHECK(readers.audience == Audience::some_users);
  CHECK(readers.accounts == Names{"alice", "bob", "carol"});
  CHECK(readers.because == Names{"mode 0604: everyone but deploy"});
}

TEST_CASE("a directory open to one group makes a world-readable file some users'") {
  const Reach readers = readers_of(file_below(owned(0, ops, 0750), owned(0, 0, 0644)));
  CHECK(readers.audience == Audience::some_users);
  CHECK(readers.accounts == Names{"carol"});
  CHECK(readers.because ==
        Names{"mode 0644, and directory /etc/cloudflared can be searched by carol"});
}

TEST_CASE("named users and groups of an ACL are some users, each with their entry") {
  const Permissions file =
      with_acl(owned(0, 0, 0640), {{AclTag::user, bob, 6}, {AclTag::named_group, ops, 4}});
  const Reach readers = readers_of(file_with(file));
  CHECK(readers.audience == Audience::some_users);
  CHECK(readers.accounts == Names{"bob", "carol"});
  CHECK(readers.because == Names{"acl user:bob:r--", "acl group:ops:r--: carol"});
}

TEST_CASE("a uid without an account that an ACL names is told by its number") {
  const Permissions file = with_acl(owned(0, 0, 0640), {{AclTag::user, 4242, 4}});
  const Reach readers = readers_of(file_with(file));
  CHECK(readers.accounts == Names{"4242"});
  CHECK(readers.because == Names{"acl user:4242:r--"});
}

TEST_CASE("a link's own directories do not close its target") {
  FileFacts facts = file_with(owned(alice, alice, 0644));
  facts.ancestors = {
      directory("/", owned(0, 0, 0755)), directory("/home/alice", owned(alice, alice, 0700)),
      directory("/", owned(0, 0, 0755)), directory("/srv", owned(alice, alice, 0755))};
  CHECK(readers_of(facts).audience == Audience::everyone);
}

TEST_CASE("who may write the file or a directory above it can replace it") {
  const struct {
    Permissions holder;
    Permissions file;
    Audience audience;
    Names accounts;
    Names because;
  } cases[] = {
      {owned(0, 0, 0755),
       owned(0, 0, 0666),
       Audience::everyone,
       {"alice", "bob", "carol", "deploy"},
       {"mode 0666, and every directory above can be searched"}},
      {owned(0, 0, 0777),
       owned(0, 0, 0600),
       Audience::everyone,
       {"alice", "bob", "carol", "deploy"},
       {"directory /etc/cloudflared is writable by everyone"}},
      {owned(0, 0, 0776), owned(0, 0, 0600), Audience::owner, {}, {}},
      {owned(bob, bob, 0755),
       owned(0, 0, 0600),
       Audience::some_users,
       {"bob"},
       {"bob owns the directory /etc/cloudflared"}},
      {owned(bob, bob, 0700), owned(bob, bob, 0600), Audience::owner, {}, {}},
      {owned(0, ops, 0775),
       owned(0, 0, 0600),
       Audience::some_users,
       {"carol"},
       {"directory /etc/cloudflared is writable by group ops: carol"}},
      {owned(0, cloudflared, 0775),
       owned(0, cloudflared, 0640),
       Audience::group,
       {"deploy"},
       {"directory /etc/cloudflared is writable by group cloudflared: deploy"}},
      {with_acl(owned(0, 0, 0775), {{AclTag::user, bob, 7}}),
       owned(0, 0, 0600),
       Audience::some_users,
       {"bob"},
       {"directory /etc/cloudflared is writable by acl user:bob:rwx"}},
      {owned(4242, 0, 0755),
       owned(0, 0, 0600),
       Audience::some_users,
       {"4242"},
       {"4242 owns the directory /etc/cloudflared"}},
      {owned(0, 0, 0755),
       owned(0, cloudflared, 0620),
       Audience::group,
       {"deploy"},
       {"group cloudflared: deploy"}},
  };
  for (const auto& row : cases) {
    const auto& [holder, file, audience, accounts, because] = row;
    CAPTURE(row.holder.mode);
    CAPTURE(row.holder.uid);
    CAPTURE(row.file.mode);
    const Reach writers = writers_of(file_below(holder, file));
    CHECK(writers.audience == audience);
    CHECK(writers.accounts == accounts);
    CHECK(writers.because == because);
  }
}

TEST_CASE("a writable directory behind a closed one replaces nothing") {
  FileFacts facts = file_below(owned(0, 0, 0777), owned(0, 0, 0600));
  facts.ancestors[1].permissions.mode = 0700;
  CHECK(writers_of(facts).audience == Audience::owner);
}

TEST_CASE("a sticky directory protects what lies deeper, but not a file directly in it") {
  FileFacts direct = file_below(owned(0, 0, 01777), owned(0, 0, 0600));
  CHECK(writers_of(direct).audience == Audience::everyone);
  FileFacts deeper = file_with(owned(0, 0, 0600));
  deeper.ancestors[1].permissions.mode = 01777;
  CHECK(writers_of(deeper).audience == Audience::owner);
  deeper.ancestors[2].permissions.uid = bob;
  CHECK(writers_of(deeper).accounts == Names{"bob"});
  FileFacts a_directory = file_below(owned(0, 0, 01777), owned(0, 0, 0700));
  a_directory.type = FileType::directory;
  CHECK(writers_of(a_directory).audience == Audience::owner);
}

TEST_CASE("changing a directory takes searching it") {
  FileFacts facts = file_with(owned(0, 0, 0766));
  facts.type = FileType::directory;
  CHECK(writers_of(facts).audience == Audience::owner);
  facts.permissions.mode = 0777;
  CHECK(writers_of(facts).audience == Audience::everyone);
}

TEST_CASE("searching by one group and writing by another do not add up to changing a directory") {
  Accounts accounts = town();
  accounts.users[2].groups = {ops, cloudflared};
  const AclEntry searches{AclTag::named_group, cloudflared, 1};
  const Permissions apart = with_acl(owned(0, 0, 0770), {searches, {AclTag::named_group, ops, 2}});
  CHECK(exposure_of(file_below(apart, owned(0, 0, 0600)), accounts).writers.accounts.empty());
  const Permissions together =
      with_acl(owned(0, 0, 0770), {searches, {AclTag::named_group, ops, 3}});
  CHECK(exposure_of(file_below(together, owned(0, 0, 0600)), accounts).writers.accounts ==
        Names{"bob", "carol"});
}

TEST_CASE("long lists of names are cut in a reason, never in the accounts") {
  Accounts accounts;
  for (std::uint32_t i = 0; i < 20; ++i) {
    accounts.users.push_back({.name = "u" + std::to_string(10 + i),
                              .uid = 2000 + i,
                              .gid = cloudflared,
                              .home = "",
                              .groups = {}});
  }
  const Reach readers = exposure_of(file_with(owned(0, cloudflared, 0640)), accounts).readers;
  CHECK(readers.accounts.size() == 20);
  CHECK(readers.because == Names{"group 990: u10, u11, u12, u13, u14, u15, u16, u17 and 12 more"});
}

TEST_CASE("strangers are those without account and groups, a few denied accounts or not") {
  const struct {
    FileFacts facts;
    bool strangers;
  } cases[] = {{file_with(owned(0, 0, 0644)), true},
               {file_with(owned(0, cloudflared, 0604)), true},
               {file_with(owned(0, cloudflared, 0640)), false},
               {file_with(owned(0, 0, 0600)), false},
               {file_below(owned(0, ops, 0750), owned(0, 0, 0644)), false}};
  for (const auto& row : cases) {
    CAPTURE(row.facts.permissions.mode);
    CHECK(readers_of(row.facts).strangers == row.strangers);
    CHECK_FALSE(writers_of(row.facts).strangers);
  }
  CHECK(writers_of(file_below(owned(0, 0, 0777), owned(0, 0, 0600))).strangers);
}

TEST_CASE("a host of many accounts does not name them all as everyone, but counts them") {
  Accounts accounts;
  for (std::uint32_t i = 0; i < 257; ++i) {
    accounts.users.push_back({.name = "u" + std::to_string(i), .uid = 2000 + i, .gid = 2000 + i});
  }
  const FileFacts file = file_with(owned(0, 0, 0644));
  const Reach many = exposure_of(file, accounts).readers;
  CHECK(many.audience == Audience::everyone);
  CHECK(many.accounts.empty());
  CHECK(many.because ==
        Names{"mode 0644, and every directory above can be searched (257 accounts)"});
  accounts.users.pop_back();
  const Reach few = exposure_of(file, accounts).readers;
  CHECK(few.accounts.size() == 256);
  CHECK(few.because == Names{"mode 0644, and every directory above can be searched"});
}

TEST_CASE("members of a group that have no account here are counted by their names") {
  Accounts accounts = town();
  accounts.groups[2].other_members = {"ldapuser"};          // cloudflared
  accounts.groups[3].other_members = {"ldapuser", "root"};  // ops
  accounts.groups[4].other_members = {"root"};
  CHECK(readers_of(file_with(owned(0, cloudflared, 0640))).accounts == Names{"deploy"});
  const auto readers = [&](const FileFacts& facts) { return exposure_of(facts, accounts).readers; };

  const Reach by_group = readers(file_with(owned(0, cloudflared, 0640)));
  CHECK(by_group.audience == Audience::group);
  CHECK(by_group.accounts == Names{"deploy", "ldapuser"});
  CHECK(by_group.because == Names{"group cloudflared: deploy, ldapuser"});

  const Reach through = readers(file_below(owned(0, ops, 0750), owned(0, cloudflared, 0640)));
  CHECK(through.accounts == Names{"ldapuser"});
  const Reach denied = readers(file_with(owned(0, cloudflared, 0604)));
  CHECK(denied.because == Names{"mode 0604: everyone but deploy, ldapuser"});
  CHECK(readers(file_with(owned(0, nobody_in_it, 0640))).audience == Audience::owner);

  const AclEntry to_ops{AclTag::named_group, ops, 4};
  accounts.users[3].groups = {};
  CHECK(acl_state_of(file_with(with_acl(owned(0, 0, 0640), {to_ops})), accounts) ==
        AclState::grants);
  CHECK(members_of(ops, 0, accounts) == Names{"ldapuser"});
}

TEST_CASE("an ACL is latent, grants, or is none of either") {
  const AclEntry to_bob{AclTag::user, bob, 4};
  const struct {
    std::string what;
    FileFacts facts;
    AclState expected;
  } cases[] = {
      {"no ACL", file_with(owned(0, 0, 0644)), AclState::none},
      {"only for the owner", file_with(with_acl(owned(bob, 0, 0640), {to_bob})), AclState::none},
      {"only for root", file_with(with_acl(owned(bob, 0, 0640), {{AclTag::user, 0, 6}})),
       AclState::none},
      {"an entry that only denies",
       file_with(with_acl(owned(0, 0, 0644), {{AclTag::user, bob, 0}}, 4)), AclState::none},
      {"an entry that gives", file_with(with_acl(owned(0, 0, 0640), {to_bob})), AclState::grants},
      {"an entry under an empty mask", file_with(with_acl(owned(0, 0, 0600), {to_bob})),
       AclState::latent},
      {"an entry behind a closed directory",
       file_below(owned(0, 0, 0700), with_acl(owned(0, 0, 0640), {to_bob})), AclState::latent},
      {"an entry for somebody who can read anyway",
       file_with(with_acl(owned(0, 0, 0644), {to_bob}, 4)), AclState::latent},
      {"a group with a member",
       file_with(with_acl(owned(0, 0, 0640), {{AclTag::named_group, ops, 4}})), AclState::grants},
      {"a group without members",
       file_with(with_acl(owned(0, 0, 0640), {{AclTag::named_group, nobody_in_it, 4}})),
       AclState::latent},
      {"a uid without an account",
       file_with(with_acl(owned(0, 0, 0640), {{AclTag::user, 4242, 4}})), AclState::grants},
      {"writing where reading was open before",
       file_with(with_acl(owned(0, 0, 0664), {{AclTag::user, bob, 6}}, 4)), AclState::grants},
  };
  for (const auto& row : cases) {
    const auto& [what, facts, expected] = row;
    CAPTURE(row.what);
    CHECK(acl_state_of(facts, town()) == expected);
  }
}

TEST_CASE("a default ACL grants by a named entry within its mask, or by others") {
  const AclEntry owner{AclTag::owner, 0, 7};
  const AclEntry group{AclTag::group, 0, 5};
  CHECK_FALSE(default_acl_grants({}));
  CHECK_FALSE(default_acl_grants({owner, group, {AclTag::others, 0, 0}}));
  CHECK(default_acl_grants({owner, group, {AclTag::others, 0, 5}}));
  CHECK(default_acl_grants(
      {owner, {AclTag::user, bob, 4}, group, {AclTag::mask, 0, 4}, {AclTag::others, 0, 0}}));
  CHECK_FALSE(default_acl_grants(
      {owner, {AclTag::named_group, ops, 4}, group, {AclTag::mask, 0, 0}, {AclTag::others, 0, 0}}));
}

TEST_CASE("members are told without root and the owner") {
  Accounts accounts = town();
  accounts.users[0].groups = {cloudflared};
  accounts.users[1].groups = {cloudflared};
  CHECK(members_of(cloudflared, alice, accounts) == Names{"deploy"});
  CHECK(members_of(cloudflared, 0, accounts) == Names{"alice", "deploy"});
  CHECK(members_of(bob, 0, accounts) == Names{"bob"});
  CHECK(members_of(nobody_in_it, 0, accounts).empty());
}

}  // namespace
}  // namespace cfwarden
