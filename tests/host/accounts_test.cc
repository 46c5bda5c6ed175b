#include "cfwarden/host/accounts.h"

#include "tree.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using Gids = std::vector<std::uint32_t>;

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
  const auto accounts = accounts_of_root(*opener);
  REQUIRE(accounts.has_value());
  REQUIRE(accounts->users.size() == 1);
  CHECK(accounts->users[0].name == "insider");
  CHECK(accounts->users[0].groups == Gids{4002});
}

TEST_CASE("a root without databases has no accounts") {
  Tree tree;
  const auto accounts = accounts_of_root(*Opener::at(tree.path()));
  REQUIRE(accounts.has_value());
  CHECK(accounts->users.empty());
  CHECK(accounts->groups.empty());
}

TEST_CASE("the databases of a root may be links, which stay inside it") {
  Tree tree;
  tree.directory("/etc");
  tree.directory("/usr");
  tree.file("/usr/passwd", 0, 0644, "insider:x:4001:4001::/home/insider:/bin/sh\n");
  tree.link("/usr/passwd", "/etc/passwd");
  tree.link("../../../../../../etc/group", "/etc/group");  // To itself, once it stays inside.
  const auto accounts = accounts_of_root(*Opener::at(tree.path()));
  CHECK_FALSE(accounts.has_value());
  REQUIRE(unlink(tree.at("/etc/group").c_str()) == 0);
  const auto without = accounts_of_root(*Opener::at(tree.path()));
  REQUIRE(without.has_value());
  CHECK(without->users.size() == 1);
}

TEST_CASE("a database that is no regular file, too large or a user's link is an error") {
  Tree tree;
  tree.directory("/etc");
  REQUIRE(mkfifo(tree.at("/etc/passwd").c_str(), 0644) == 0);
  CHECK_FALSE(accounts_of_root(*Opener::at(tree.path())).has_value());
  REQUIRE(unlink(tree.at("/etc/passwd").c_str()) == 0);
  tree.file("/etc/passwd", 0, 0644, "");
  REQUIRE(truncate(tree.at("/etc/passwd").c_str(), 1LL << 40) == 0);
  CHECK_FALSE(accounts_of_root(*Opener::at(tree.path())).has_value());
}

TEST_CASE("in a user's root nothing is read that the user could not read") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/image", alice);
  tree.directory("/image/etc", alice);
  tree.file("/image/etc/passwd", 0, 0600, "root:hash:0:0::/root:/bin/sh\n");
  CHECK_FALSE(accounts_of_root(*Opener::at(tree.at("/image"))).has_value());
  REQUIRE(chmod(tree.at("/image/etc/passwd").c_str(), 0644) == 0);
  CHECK(accounts_of_root(*Opener::at(tree.at("/image"))).has_value());
}

TEST_CASE("the running host has an account for root") {
  const auto accounts = running_accounts(*Opener::at(""));
  REQUIRE(accounts.has_value());
  CHECK(accounts->user_name(0) == "root");
  CHECK(accounts->group_name(0) == "root");
}

}  // namespace
}  // namespace cfwarden
