#include "cfwarden/remedy/losers.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using namespace small_host;
using Words = std::vector<std::string>;

const Accounts accounts = small_accounts();

Losers losers_of(const Permissions& before, const Permissions& after,
                 FileType type = FileType::regular) {
  FileFacts was{.id = {1, 1}, .type = type, .permissions = before};
  return losers_between(was, with_permissions(was, {1, 1}, after), accounts);
}

}  // namespace

TEST_CASE("who could read and cannot is a loser, root and the owner are none") {
  const Losers losers = losers_of({.mode = 0644, .uid = alice}, {.mode = 0600, .uid = alice});
  CHECK(losers.names == Words{"bob", "cloudflared", "www-data"});
  CHECK(losers.readers == losers.names);
  CHECK(losers.everyone);
  CHECK(losers.everyone_reads);
}

TEST_CASE("who could only write loses it, who still reads does not") {
  Losers losers = losers_of({.mode = 0620, .gid = ssl}, {.mode = 0600, .gid = ssl});
  CHECK(losers.names == Words{"cloudflared", "www-data"});
  CHECK(losers.readers.empty());
  CHECK_FALSE(losers.everyone);
  losers = losers_of({.mode = 0666}, {.mode = 0644});
  CHECK(losers.is_empty());
}

TEST_CASE("of a directory listing and reaching what it holds count") {
  CHECK(losers_of({.mode = 0755}, {.mode = 0711}, FileType::directory).everyone);
  CHECK(losers_of({.mode = 0711}, {.mode = 0700}, FileType::directory).everyone);
  CHECK(losers_of({.mode = 0777}, {.mode = 0755}, FileType::directory).is_empty());
}

TEST_CASE("members of a new group that read it before are no losers") {
  const Losers losers = losers_of({.mode = 0644}, {.mode = 0640, .uid = 0, .gid = service});
  CHECK(losers.names == Words{"alice", "bob", "www-data"});
}

TEST_CASE("an owner who is replaced loses what nothing else gives") {
  CHECK(losers_of({.mode = 0600, .uid = bob}, {.mode = 0600}).names == Words{"bob"});
  CHECK(losers_of({.mode = 0644, .uid = bob}, {.mode = 0644}).is_empty());
}

TEST_CASE("behind a closed directory nobody loses anything") {
  FileFacts was{.id = {1, 2}, .permissions = {.mode = 0644}};
  was.ancestors = {{.path = "/root", .id = {1, 1}, .permissions = {.mode = 0700}}};
  CHECK(losers_between(was, with_permissions(was, {1, 2}, {.mode = 0600}), accounts).is_empty());
  was.ancestors.front().permissions.mode = 0755;
  CHECK(losers_between(was, with_permissions(was, {1, 1}, {.mode = 0700}), accounts).everyone);
}

}  // namespace cfwarden
