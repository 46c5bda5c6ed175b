#include "cfwarden/host/accounts.h"

#include "in_child.h"
#include "tree.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using Gids = std::vector<std::uint32_t>;
using Names = std::vector<std::string>;
using Paths = std::vector<std::string>;

Paths paths_of(const std::vector<Gap>& gaps) {
  Paths paths;
  for (const Gap& gap : gaps) paths.push_back(gap.path);
  return paths;
}

TEST_CASE("accounts have their name, ids, home and the groups that list them") {
  const Accounts accounts = parse_accounts(
      "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1000:Bob,,,:/home/bob:/bin/bash\n",
      "root:x:0:\nbob:x:1000:bob\nops:x:50:alice,bob\ndeploy:*:51:bob,bob\nagain:x:50:bob\n");
  REQUIRE(accounts.users.size() == 2);
  const Account* bob = accounts.find_name("bob");
  REQUIRE(bob != nullptr);
  CHECK(bob->uid == 1000);
  CHECK(bob->gid == 1000);
  CHECK(bob->home == "/home/bob");
  CHECK(bob->groups == Gids{50, 51});
  CHECK(accounts.user_name(0) == "root");
  CHECK(accounts.user_name(77) == "77");
  CHECK(accounts.group_name(50) == "ops");
  CHECK(accounts.group_name(99) == "99");
}

TEST_CASE("lines that do not parse are skipped and the others count") {
  for (const std::string bad :
       {"", "#comment:x:1:1::/:/", "short:x:1:1::/home", "long:x:1:1::/home:/bin/sh:more",
        ":x:1:1::/:/", "name:x::1::/:/", "name:x:1x:1::/:/", "name:x:-1:1::/:/",
        "name:x:4294967296:1::/:/", "+::::::", "name:x: 1:1::/:/"}) {
    CAPTURE(bad);
    const Accounts accounts = parse_accounts(bad + "\nbob:x:1:2::/b:/sh\n" + bad, "");
    REQUIRE(accounts.users.size() == 1);
    CHECK(accounts.users[0].name == "bob");
  }
  for (const std::string bad :
       {"", "ops", "ops:x:", "ops:x:1x:bob", "ops:x:50:bob:more", ":x:50:bob"}) {
    CAPTURE(bad);
    const Accounts accounts = parse_accounts("bob:x:1:2::/b:/sh\n", bad + "\nlast:x:60:bob");
    CHECK(accounts.users[0].groups == Gids{60});
    CHECK(accounts.groups.size() == 1);
  }
}

TEST_CASE("a root gives its own accounts and none of the running host") {
  Tree tree;
  tree.directory("/etc");
  tree.file("/etc/passwd", 0, 0644, "insider:x:4001:4001::/home/insider:/bin/sh\n");
  tree.file("/etc/group", 0, 0644, "team:x:4002:insider\n");
  const auto opener = Opener::at(tree.path());
  const auto known = accounts_of_root(*opener);
  CHECK(known.gaps.empty());
  REQUIRE(known.accounts.users.size() == 1);
  CHECK(known.accounts.users[0].name == "insider");
  CHECK(known.accounts.users[0].groups == Gids{4002});
  CHECK(known.accounts.incomplete_because.empty());
  tree.file("/etc/nsswitch.conf", 0, 0644, "passwd: files sss\n");
  const auto more = accounts_of_root(*Opener::at(tree.path()));
  CHECK(more.accounts.incomplete_because.starts_with("accounts of sss "));
}

TEST_CASE("a root without databases has no accounts") {
  Tree tree;
  const auto known = accounts_of_root(*Opener::at(tree.path()));
  CHECK(known.gaps.empty());
  CHECK(known.accounts.users.empty());
  CHECK(known.accounts.groups.empty());
}

TEST_CASE("the databases of a root may be links, which stay inside it") {
  Tree tree;
  tree.directory("/etc");
  tree.directory("/usr");
  tree.file("/usr/passwd", 0, 0644, "insider:x:4001:4001::/home/insider:/bin/sh\n");
  tree.link("/usr/passwd", "/etc/passwd");
  tree.link("../../../../../../etc/group", "/etc/group");  // To itself, once it stays inside.
  const auto known = accounts_of_root(*Opener::at(tree.path()));
  CHECK(known.accounts.users.size() == 1);
  CHECK(paths_of(known.gaps) == Paths{"/etc/group"});
}

TEST_CASE("a database that is no regular file, too large or a user's link is a gap of its own") {
  Tree tree;
  tree.directory("/etc");
  REQUIRE(mkfifo(tree.at("/etc/passwd").c_str(), 0644) == 0);
  tree.file("/etc/group", 0, 0644, "team:x:4002:insider\n");
  const auto without = accounts_of_root(*Opener::at(tree.path()));
  CHECK(paths_of(without.gaps) == Paths{"/etc/passwd"});
  REQUIRE(without.accounts.groups.size() == 1);
  CHECK(without.accounts.groups[0].other_members == Names{"insider"});
  REQUIRE(unlink(tree.at("/etc/passwd").c_str()) == 0);
  tree.file("/etc/passwd", 0, 0644, "insider:x:4001:4001::/home/insider:/bin/sh\n");
  REQUIRE(truncate(tree.at("/etc/group").c_str(), 1LL << 40) == 0);
  const auto known = accounts_of_root(*Opener::at(tree.path()));
  CHECK(paths_of(known.gaps) == Paths{"/etc/group"});
  CHECK(known.accounts.users.size() == 1);
}

TEST_CASE("in a user's root nothing is read that the user could not read") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/image", alice);
  tree.directory("/image/etc", alice);
  tree.file("/image/etc/passwd", 0, 0600, "root:hash:0:0::/root:/bin/sh\n");
  CHECK(accounts_of_root(*Opener::at(tree.at("/image"))).accounts.users.empty());
  REQUIRE(chmod(tree.at("/image/etc/passwd").c_str(), 0644) == 0);
  CHECK(accounts_of_root(*Opener::at(tree.at("/image"))).accounts.users.size() == 1);
}

TEST_CASE("homes have one spelling") {
  for (const std::string home :
       {"/home/alice", "/home/alice/", "//home//alice", "/./home/alice/."}) {
    CAPTURE(home);
    const Accounts accounts = parse_accounts("alice:x:1:1::" + home + ":/bin/sh\n", "");
    CHECK(accounts.users[0].home == "/home/alice");
  }
  for (const std::string home : {"", "/", "relative/", "/home/../root"}) {
    CAPTURE(home);
    CHECK(parse_accounts("x:x:1:1::" + home + ":/bin/sh", "").users[0].home == home);
  }
}

TEST_CASE("members of a group who have no account keep their names") {
  const Accounts accounts =
      parse_accounts("bob:x:1000:1000::/home/bob:/bin/sh\n", "ops:x:1500:ldapuser,bob,,other\n");
  CHECK(accounts.users[0].groups == Gids{1500});
  CHECK(accounts.groups[0].other_members == Names{"ldapuser", "other"});
}

TEST_CASE("what a faked /proc leads to is not taken for a database of a user's own root") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/image", alice);
  tree.directory("/image/etc", alice);
  tree.file("/image/etc/passwd", 0, 0644, "insider:x:4001:4001::/home/insider:/bin/sh\n");
  const auto ending = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    if (mount("tmpfs", "/proc", "tmpfs", 0, nullptr) != 0) return 77;
    if (mkdir("/proc/self", 0755) != 0 || mkdir("/proc/self/fd", 0755) != 0) return 77;
    for (int i = 0; i < 64; ++i) {
      std::ofstream{"/proc/self/fd/" + std::to_string(i)} << "fake:x:0:0::/root:/bin/sh\n";
    }
    const auto known = accounts_of_root(*Opener::at(tree.at("/image")));
    if (!known.accounts.users.empty()) return 1;
    return paths_of(known.gaps) == Paths{"/etc/passwd"} ? 0 : 2;
  });
  if (ending.exit_code == 77) {
    MESSAGE("skipped: no mount namespace here");
  } else {
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("the running host has an account for root") {
  const auto known = running_accounts(*Opener::at(""));
  CHECK(known.gaps.empty());
  CHECK(known.accounts.user_name(0) == "root");
  CHECK(known.accounts.group_name(0) == "root");
}

TEST_CASE("a line of passwd that does not parse is a gap, since its home is not looked at") {
  const std::pair<std::string, std::size_t> cases[] = {
      {"alice:x:1000:1000::/home/alice:/bin/sh\n\n# comment\n+::::::\n", 0},
      {"alice:x:4294967296:1000::/home/alice:/bin/sh\n", 1},
      {"root:x:0:/root:/bin/sh\n", 1}};
  for (const auto& one : cases) {
    CAPTURE(one.first);
    Tree tree;
    tree.directory("/image", geteuid());
    tree.directory("/image/etc", geteuid());
    tree.file("/image/etc/passwd", geteuid(), 0644, one.first);
    CHECK(accounts_of_root(*Opener::at(tree.at("/image"))).gaps.size() == one.second);
  }
}

}  // namespace
}  // namespace cfwarden
