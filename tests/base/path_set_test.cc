#include "cfwarden/base/path_set.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("a set covers its paths, what is below them, and the members of archives") {
  PathSet set;
  CHECK_FALSE(set.covers("/srv"));
  set.add("/srv/a");
  set.add("/var/b.tgz");
  for (const char* path : {"/srv/a", "/srv/a/b/c", "/srv/a!b", "/var/b.tgz!x/y"}) {
    CAPTURE(path);
    CHECK(set.covers(path));
  }
  for (const char* path : {"/srv", "/srv/ab", "/srv/", "/", "", "srv/a", "/var/b.tg"}) {
    CAPTURE(path);
    CHECK_FALSE(set.covers(path));
  }
}

TEST_CASE("the root covers every path") {
  PathSet set;
  set.add("/");
  CHECK(set.covers("/"));
  CHECK(set.covers("/etc/passwd"));
}
