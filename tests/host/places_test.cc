#include "cfwarden/host/places.h"

#include "tree.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using Paths = std::vector<std::string>;

Account account(std::string name, std::uint32_t uid, std::string home) {
  return {.name = std::move(name), .uid = uid, .gid = uid, .home = std::move(home), .groups = {}};
}

Accounts accounts_with(std::vector<Account> users) {
  return {.users = std::move(users), .groups = {}};
}

const Caller root{.sees_all_homes = true, .uid = 0, .home = "", .only_user = ""};

Paths paths_of(const std::vector<Candidate>& candidates) {
  Paths paths;
  for (const Candidate& candidate : candidates) paths.push_back(candidate.place.path);
  return paths;
}

const Candidate* find(const std::vector<Candidate>& candidates, const std::string& path) {
  const auto found = std::ranges::find_if(
      candidates, [&](const Candidate& candidate) { return candidate.place.path == path; });
  return found == candidates.end() ? nullptr : &*found;
}

TEST_CASE("root looks into every account's directories, the system's and the container user's") {
  const auto candidates = default_candidates(accounts_with({account("root", 0, "/root")}), root);
  CHECK(paths_of(candidates) == Paths{"/etc/cloudflared", "/home/nonroot",
                                      "/home/nonroot/.cloudflare-warp",
                                      "/home/nonroot/.cloudflared", "/home/nonroot/cloudflare-warp",
                                      "/root", "/root/.cloudflare-warp", "/root/.cloudflared",
                                      "/root/cloudflare-warp", "/usr/local/etc/cloudflared"});
  CHECK(find(candidates, "/root")->shape == PlaceShape::planted_pair);
  CHECK(find(candidates, "/root/.cloudflared")->shape == PlaceShape::credential_directory);
  CHECK(find(candidates, "/root/.cloudflared")->place.why == "default directory of root");
  CHECK(find(candidates, "/root/.cloudflared")->place.kind == PlaceKind::default_directory);
  CHECK(find(candidates, "/home/nonroot/.cloudflared")->place.why ==
        "default directory of the container user");
}

TEST_CASE("homes that are none are skipped") {
  for (const std::string home : {"", "/nonexistent", "relative/home", "~"}) {
    CAPTURE(home);
    const auto candidates = default_candidates(
        accounts_with({account("root", 0, "/root"), account("x", 9, home)}), root);
    CHECK(candidates.size() == 10);  // Two of the system, four each of root and the container user.
  }
}

TEST_CASE("root's home is looked into even where no account is known") {
  const auto candidates = default_candidates({}, root);
  REQUIRE(find(candidates, "/root/.cloudflared") != nullptr);
  CHECK(find(candidates, "/root/.cloudflared")->place.why == "default directory of root");
}

TEST_CASE("a shared home is one place with the names of those who share it") {
  const Accounts accounts = accounts_with(
      {account("alice", 1, "/srv/shared"), account("bob", 2, "/srv/shared"), account("a", 3, "/"),
       account("b", 4, "/"), account("c", 5, "/"), account("d", 6, "/"), account("e", 7, "/"),
       account("me", 8, "/home/nonroot")});
  const auto candidates = default_candidates(accounts, root);
  CHECK(find(candidates, "/srv/shared/.cloudflared")->place.why ==
        "default directory of alice and bob");
  CHECK(find(candidates, "/.cloudflared")->place.why == "default directory of a, b, c and 2 more");
  CHECK(find(candidates, "/")->place.why == "home of a, b, c and 2 more");
  CHECK(find(candidates, "/home/nonroot")->place.why == "home of me");
  const Paths paths = paths_of(candidates);
  CHECK(std::ranges::is_sorted(paths));
  CHECK(std::ranges::adjacent_find(paths) == paths.end());
}

TEST_CASE("an ordinary caller looks into its own home and the system's directories only") {
  const Accounts accounts =
      accounts_with({account("alice", 1000, "/home/alice"), account("bob", 1001, "/home/bob")});
  const Caller alice{.sees_all_homes = false, .uid = 1000, .home = "/home/alice", .only_user = ""};
  CHECK(paths_of(default_candidates(accounts, alice)) ==
        Paths{"/etc/cloudflared", "/home/alice", "/home/alice/.cloudflare-warp",
              "/home/alice/.cloudflared", "/home/alice/cloudflare-warp",
              "/usr/local/etc/cloudflared"});
  const Caller stray{.sees_all_homes = false, .uid = 4242, .home = "/tmp/x", .only_user = ""};
  CHECK(find(default_candidates(accounts, stray), "/tmp/x/.cloudflared")->place.why ==
        "default directory of 4242");
}

TEST_CASE("one chosen account gives its home alone") {
  const Accounts accounts =
      accounts_with({account("alice", 1000, "/home/alice"), account("bob", 1001, "/home/bob")});
  Caller caller = root;
  caller.only_user = "bob";
  CHECK(paths_of(default_candidates(accounts, caller)) ==
        Paths{"/home/bob", "/home/bob/.cloudflare-warp", "/home/bob/.cloudflared",
              "/home/bob/cloudflare-warp"});
}

TEST_CASE("a home that is another's credential directory is looked into wholly") {
  const auto candidates =
      default_candidates(accounts_with({account("alice", 1, "/home/alice"),
                                        account("cloudflared", 2, "/home/alice/.cloudflared"),
                                        account("daemon", 3, "/etc/cloudflared")}),
                         root);
  CHECK(find(candidates, "/home/alice/.cloudflared")->shape == PlaceShape::credential_directory);
  CHECK(find(candidates, "/etc/cloudflared")->shape == PlaceShape::credential_directory);
}

TEST_CASE("a directory in /home that is no account's home is a home without an account") {
  Tree tree;
  tree.directory("/home");
  for (const std::string name : {"alice", "ldapuser", "nonroot", "students", "students/bob"}) {
    tree.directory("/home/" + name);
  }
  tree.file("/home/a-file");
  tree.link("alice", "/home/a-link");
  const Accounts accounts =
      accounts_with({account("alice", 1, "/home/alice"), account("bob", 2, "/home/students/bob")});
  const StrayHomes stray = stray_homes(*Opener::at(tree.path()), accounts);
  CHECK(stray.gaps.empty());
  CHECK(paths_of(stray.candidates) == Paths{"/home/ldapuser", "/home/ldapuser/.cloudflare-warp",
                                            "/home/ldapuser/.cloudflared",
                                            "/home/ldapuser/cloudflare-warp"});
  CHECK(stray.candidates[0].shape == PlaceShape::planted_pair);
  CHECK(stray.candidates[2].shape == PlaceShape::credential_directory);
  CHECK(stray.candidates[2].place.why == "home without an account");
}

TEST_CASE("homes behind a link of /home are known by both names, and no /home has no homes") {
  Tree tree;
  CHECK(stray_homes(*Opener::at(tree.path()), {}).candidates.empty());
  tree.directory("/usr");
  tree.directory("/usr/home");
  tree.directory("/usr/home/alice");
  tree.link("usr/home", "/home");
  const Opener opener = std::move(*Opener::at(tree.path()));
  const Accounts accounts = accounts_with({account("alice", 1, "/usr/home/alice")});
  CHECK(stray_homes(opener, accounts).candidates.empty());
  CHECK(stray_homes(opener, {}).candidates.size() == 4);
}

TEST_CASE("more homes than are looked at, or a /home that cannot be listed, is a gap") {
  Tree tree;
  tree.directory("/home");
  for (int i = 0; i < 4097; ++i) tree.directory("/home/" + std::to_string(i));
  const StrayHomes stray = stray_homes(*Opener::at(tree.path()), {});
  CHECK(stray.candidates.size() == 4096 * 4);
  REQUIRE(stray.gaps.size() == 1);
  CHECK(stray.gaps[0].path == "/home");
  if (needs_root()) return;
  tree.directory("/image");
  tree.link("/nowhere", "/image/home", mallory);
  CHECK(stray_homes(*Opener::at(tree.at("/image")), {}).gaps.size() == 1);
}

TEST_CASE("names that can be credentials, configurations or copies of them are candidates") {
  for (const std::string name : {"cert.pem",
                                 "other.pem",
                                 "0a44.json",
                                 "token",
                                 "app.example.com-aud-token",
                                 "config.yml",
                                 "config.yaml",
                                 "prod.env",
                                 ".env",
                                 "host-cf_key",
                                 "cloudflared_priv.pem",
                                 "cloudflared_pub.pem",
                                 "cert.pem.bak",
                                 "cert.pem~",
                                 "cert.pem.org",
                                 ".cert.pem.swp",
                                 "#cert.pem#",
                                 "0a44.json.old",
                                 "token.bak",
                                 "config.yml.dpkg-old",
                                 ".env.bak"}) {
    CAPTURE(name);
    CHECK(is_candidate_name(name));
  }
  for (const std::string name : {"", "README.md", "tokens", "mytoken", "config.yml.d", "pem",
                                 "json", "settings.yml", "cert.crt", "notes.txt~", "envfile"}) {
    CAPTURE(name);
    CHECK_FALSE(is_candidate_name(name));
  }
}

}  // namespace
}  // namespace cfwarden
