#include "cfwarden/remedy/refusal.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <string>

namespace cfwarden {
namespace {

using namespace small_host;

const Accounts accounts = small_accounts();

// A file of alice's in her default directory.
SmallHost home_of_alice(unsigned home_mode = 0755, unsigned directory_mode = 0700) {
  SmallHost host;
  host.object("/home/alice").permissions.mode = home_mode;
  host.directory("/home/alice/.cloudflared", {.mode = directory_mode, .uid = alice, .gid = alice});
  host.file("/home/alice/.cloudflared/cert.pem", {.mode = 0644, .uid = alice, .gid = alice});
  return host;
}
const std::string cert = "/home/alice/.cloudflared/cert.pem";

Circumstances at_cert() {
  return home_of_alice().circumstances(cert);
}

std::string why(const Circumstances& object, const std::set<FileId>& first = {}) {
  const auto found = forbidden(object, accounts, first, false);
  return found ? found->why : "";
}
std::string command(const Circumstances& object) {
  const auto found = forbidden(object, accounts, {}, false);
  return found ? found->command : "nothing is in the way";
}

}  // namespace

TEST_CASE("what lies in the owner's own directory may be changed, and root's in a trusted one") {
  CHECK(why(at_cert()).empty());
  SmallHost host;
  host.file("/etc/token", {.mode = 0644});
  CHECK(why(host.circumstances("/etc/token")).empty());
  CHECK(why(host.circumstances("/etc")).empty());
}

TEST_CASE("a link is named with its owner and its target, and fix with the place it leads to") {
  Circumstances object = at_cert();
  object.link = "symbolic link /home/alice/x of alice to /home/alice/y";
  object.location = "/home/alice/y/cert.pem";
  CHECK(
      why(object) ==
      "is reached through symbolic link /home/alice/x of alice to /home/alice/y, which can be led "
      "elsewhere at any time");
  CHECK(command(object) == "sudo cfwarden fix /home/alice/y/cert.pem");
  object.root_prefix = "/mnt/old host";
  CHECK(command(object) == "sudo cfwarden fix --root '/mnt/old host' /home/alice/y/cert.pem");
}

TEST_CASE("what is no regular file or directory is refused") {
  Circumstances object = at_cert();
  object.facts.type = FileType::other;
  CHECK(why(object) == "is no regular file or directory, but a FIFO, socket or device");
  object.facts.type = FileType::symlink;
  CHECK(why(object) == "is a symbolic link");
}

TEST_CASE("a file of several names is refused, a directory has them by nature") {
  Circumstances object = at_cert();
  object.facts.links = 2;
  CHECK(why(object) == "has 2 names: another name may be someone else's file");
  CHECK(command(object) ==
        "sudo find \"$(sudo stat --format=%m " + cert + ")\" -xdev -samefile " + cert);
  object.facts.type = FileType::directory;
  CHECK(why(object).empty());
}

TEST_CASE("a directory above that others can write in is named with the command that closes it") {
  SmallHost host;
  host.directory("/srv/app", {.mode = 0777});
  host.file("/srv/app/token", {.mode = 0600});
  CHECK(why(host.circumstances("/srv/app/token")) ==
        "the directory /srv/app above it, of root, can be written in by everybody");
  CHECK(command(host.circumstances("/srv/app/token")) == "sudo chmod go-w /srv/app");
  host.object("/srv/app").permissions = {.mode = 0775, .uid = 0, .gid = ssl};
  CHECK(why(host.circumstances("/srv/app/token")) ==
        "the directory /srv/app above it, of root, can be written in by group ssl");
  CHECK(why(home_of_alice(0775).circumstances(cert)) ==
        "the directory /home/alice above it, of alice, can be written in by group alice");
  CHECK(command(home_of_alice(0775).circumstances(cert)) == "sudo -u alice chmod go-w /home/alice");
  host.object("/srv/app").permissions = with_entries({.mode = 0770}, 5, {{AclTag::user, bob, 7}});
  CHECK(why(host.circumstances("/srv/app/token")) ==
        "the directory /srv/app above it, of root, can be written in by whom its ACL or its group "
        "lets in");
}

TEST_CASE("root's sticky directory is refused too, and nobody is told to close it") {
  SmallHost host;
  host.directory("/tmp", {.mode = 01777});
  host.directory("/tmp/x", {.mode = 0700, .uid = alice, .gid = alice});
  host.file("/tmp/x/cert.pem", {.mode = 0644, .uid = alice, .gid = alice});
  const Circumstances object = host.circumstances("/tmp/x/cert.pem");
  CHECK(why(object) == "the directory /tmp above it, of root, can be written in by everybody");
  CHECK(command(object).empty());
}

TEST_CASE("commands under --root name the path below it, and none where a link may lead out") {
  SmallHost host;
  host.directory("/srv/app", {.mode = 0777});
  host.file("/srv/app/token", {.mode = 0600});
  Circumstances object = host.circumstances("/srv/app/token");
  object.root_prefix = "/mnt";
  CHECK(command(object) == "sudo chmod go-w /mnt/srv/app");
  object = at_cert();
  object.root_prefix = "/mnt";
  object.facts.links = 2;
  object.location = "/usr" + cert;
  CHECK(command(object).empty());
}

TEST_CASE("a name that must not be copied from a screen makes no command") {
  SmallHost host;
  host.directory("/srv/\x1b[2J", {.mode = 0777});
  host.file("/srv/\x1b[2J/token", {.mode = 0600});
  CHECK(command(host.circumstances("/srv/\x1b[2J/token")).empty());
  host.directory("/srv/a b", {.mode = 0777});
  host.file("/srv/a b/token", {.mode = 0600});
  CHECK(command(host.circumstances("/srv/a b/token")) == "sudo chmod go-w '/srv/a b'");
}

TEST_CASE("a directory that is closed first is no obstacle") {
  const Circumstances object = home_of_alice(0755, 0777).circumstances(cert);
  CHECK_FALSE(why(object).empty());
  CHECK(why(object, {object.facts.ancestors.back().id}).empty());

  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0777});
  host.file("/etc/cloudflared/token", {.mode = 0644});
  const Circumstances token = host.circumstances("/etc/cloudflared/token");
  REQUIRE_FALSE(token.is_trusted);
  const std::set<FileId> first{token.facts.ancestors.back().id};
  CHECK(why(token, first).empty());
  CHECK(once_mended(token, first).is_trusted);
  // What is deeper may still be a user's.
  host.directory("/etc/cloudflared/of-alice", {.mode = 0755, .uid = alice, .gid = alice});
  host.file("/etc/cloudflared/of-alice/token", {.mode = 0644, .uid = alice, .gid = alice});
  const Circumstances deeper = host.circumstances("/etc/cloudflared/of-alice/token");
  CHECK(why(deeper, first).empty());
  CHECK(once_mended(deeper, first).uid == alice);
  CHECK_FALSE(once_mended(deeper, first).is_trusted);
}

TEST_CASE("a directory above belongs to root or to whose territory it is") {
  SmallHost host = home_of_alice();
  host.object("/home/alice/.cloudflared").permissions.uid = bob;
  CHECK(why(host.circumstances(cert)) ==
        "the directory /home/alice/.cloudflared above it belongs to bob, expected root or alice");
}

TEST_CASE("in a user's directory only that user's own is changed") {
  SmallHost host = home_of_alice();
  host.object(cert).permissions.uid = 0;
  CHECK(why(host.circumstances(cert)) ==
        "belongs to root in a directory of alice: only what is alice's own is changed there");
}

TEST_CASE("a home that belongs to somebody else is refused") {
  SmallHost host;
  host.directory("/home/bob", {.mode = 0755, .uid = alice, .gid = alice});
  host.file("/home/bob/token", {.mode = 0644, .uid = alice, .gid = alice});
  CHECK(why(host.circumstances("/home/bob/token")) ==
        "lies in /home/bob, the home of bob, which belongs to alice");
  CHECK(why(host.circumstances("/home/bob")) ==
        "lies in /home/bob, the home of bob, which belongs to alice");
}

TEST_CASE("a home behind a link of root's is known by its place") {
  SmallHost host;
  host.directory("/usr", {.mode = 0755});
  host.directory("/usr/home", {.mode = 0755});
  host.directory("/usr/home/bob", {.mode = 0755, .uid = alice, .gid = alice});
  host.file("/usr/home/bob/token", {.mode = 0644, .uid = alice, .gid = alice});
  Circumstances object = host.circumstances("/usr/home/bob/token");
  object.path = "/home/bob/token";
  CHECK(why(object) == "lies in /home/bob, the home of bob, which belongs to alice");
}

TEST_CASE("root's own directory may be an account's home, and a shared home belong to either") {
  SmallHost host;
  host.directory("/home/bob", {.mode = 0755});
  host.file("/home/bob/token", {.mode = 0644});
  CHECK(why(host.circumstances("/home/bob/token")).empty());
  Accounts sharing = accounts;
  sharing.users.back().home = "/home/alice";
  CHECK_FALSE(forbidden(at_cert(), sharing, {}, false));
  for (const char* home : {"/", "/nonexistent", "", "relative"}) {
    CAPTURE(home);
    sharing.users.back().home = home;
    CHECK_FALSE(forbidden(at_cert(), sharing, {}, false));
  }
}

TEST_CASE("what cannot be changed says why and what would help") {
  Circumstances object = at_cert();
  object.is_immutable = true;
  CHECK(why(object) == "is immutable (chattr +i)");
  CHECK(command(object) == "sudo chattr -i " + cert);
  object = at_cert();
  object.is_append_only = true;
  CHECK(why(object) == "is append-only (chattr +a)");
  CHECK(command(object) == "sudo chattr -a " + cert);
  object = at_cert();
  object.is_read_only = true;
  CHECK(why(object) == "is mounted read-only");
  object = at_cert();
  object.is_unmapped = true;
  CHECK(why(object).find("unmapped") != std::string::npos);
}

TEST_CASE("a remote file system is changed only if it is named") {
  Circumstances object = at_cert();
  object.remote_type = "nfs4";
  CHECK(why(object) == "lies on a file system of type nfs4, and is changed only if it is named");
  CHECK(command(object) == "sudo cfwarden fix " + cert);
  CHECK_FALSE(forbidden(object, accounts, {}, true));
}

TEST_CASE("what is laid out elsewhere is left alone, by its name and by where it lies") {
  for (const char* place :
       {"/run/credentials/x", "/var/lib/kubelet/pods/x", "/nix/store/x/token", "/gnu/store/x"}) {
    CAPTURE(place);
    Circumstances object = at_cert();
    object.path = place;
    CHECK(why(object).find("is laid out by") == 0);
    object = at_cert();
    object.location = place;
    CHECK(why(object).find("is laid out by") == 0);
  }
}

TEST_CASE("only a default directory may be mended first") {
  CHECK(may_be_mended_first("/etc/cloudflared"));
  CHECK(may_be_mended_first("/home/alice/.cloudflared"));
  CHECK_FALSE(may_be_mended_first("/srv/app"));
  CHECK_FALSE(may_be_mended_first("/etc"));
}

}  // namespace cfwarden
