#include "cfwarden/remedy/command.h"

#include "small_host.h"

#include <doctest/doctest.h>

namespace cfwarden {
namespace {

using namespace small_host;

const Accounts accounts = small_accounts();

Circumstances object_of(std::uint32_t uid, const std::string& path) {
  Circumstances object;
  object.path = path;
  object.location = path;
  object.facts.permissions.uid = uid;
  object.is_trusted = uid == 0;
  object.uid = uid;
  return object;
}

}  // namespace

TEST_CASE("a command runs as the owner, by name or, where there is none, by number") {
  CHECK(chmod_command(object_of(0, "/etc/token"), 0600, accounts) == "sudo chmod 0600 /etc/token");
  CHECK(chmod_command(object_of(alice, "/home/alice/x"), 0600, accounts) ==
        "sudo -u alice chmod 0600 /home/alice/x");
  CHECK(chmod_command(object_of(4711, "/srv/x"), 0400, accounts) ==
        "sudo setpriv --reuid=4711 --regid=4711 --clear-groups -- chmod 0400 /srv/x");
}

TEST_CASE("on another root no name of this host's is used") {
  Circumstances object = object_of(alice, "/home/alice/x");
  object.root_prefix = "/mnt";
  CHECK(chmod_command(object, 0600, accounts) ==
        "sudo setpriv --reuid=1000 --regid=1000 --clear-groups -- chmod 0600 /mnt/home/alice/x");
}

TEST_CASE("root is not sent into a user's directory by what is merely pasted") {
  Circumstances object = object_of(0, "/home/alice/x");
  object.is_trusted = false;
  CHECK(chmod_command(object, 0600, accounts) ==
        "# only once no directory above can be changed by others: sudo chmod 0600 /home/alice/x");
}

TEST_CASE("a hostile name is quoted, and one that cannot be copied gives no command") {
  CHECK(path_word(object_of(0, "/srv/$(id) x")) == "'/srv/$(id) x'");
  for (const char* name : {"/srv/a\nb", "/srv/\x1b[2J", "/srv/\xff"}) {
    const Circumstances object = object_of(0, name);
    CHECK_FALSE(path_word(object));
    CHECK(chmod_command(object, 0600, accounts).empty());
    CHECK(share_command(object, service, 0640).empty());
    CHECK(chown_command(object).empty());
    CHECK(fix_command(name, object).empty());
  }
}

TEST_CASE("behind --root a link would lead to the running host: there is no word for that") {
  Circumstances object = object_of(0, "/etc/token");
  object.location = "/srv/token";
  CHECK(path_word(object) == "/etc/token");
  object.root_prefix = "/mnt";
  CHECK_FALSE(path_word(object));
}

TEST_CASE("nothing is given away in a user's directory") {
  const Circumstances trusted = object_of(0, "/etc/token");
  CHECK(share_command(trusted, service, 0640) ==
        "sudo chgrp --no-dereference 900 /etc/token && sudo chmod 0640 /etc/token");
  CHECK(chown_command(trusted) == "sudo chown --no-dereference root /etc/token");
  const Circumstances users = object_of(alice, "/home/alice/x");
  CHECK(share_command(users, service, 0640).empty());
  CHECK(chown_command(users).empty());
}

TEST_CASE("a directory above is closed by its own owner") {
  const DirectoryFacts directory{
      .path = "/home/bob", .id = {}, .permissions = {.mode = 0777, .uid = bob}, .default_acl = {}};
  CHECK(close_to_writers_command(directory, object_of(alice, "/home/bob/x"), accounts) ==
        "sudo -u bob chmod go-w /home/bob");
}

TEST_CASE("fix is called with its options and its root before the path") {
  Circumstances object = object_of(0, "/etc/cloudflared");
  CHECK(fix_command("/etc/cloudflared", object) == "sudo cfwarden fix /etc/cloudflared");
  object.root_prefix = "/mnt/old host";
  CHECK(fix_command("/etc/cloudflared", object, "--apply") ==
        "sudo cfwarden fix --apply --root '/mnt/old host' /etc/cloudflared");
}

}  // namespace cfwarden
