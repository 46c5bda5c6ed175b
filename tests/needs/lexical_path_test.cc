#include "cfwarden/needs/lexical_path.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("a path is made absolute and plain without a look at the host") {
  struct Case {
    const char* directory;
    const char* path;
    const char* whole;
  };
  for (const Case& row : {
           Case{"/srv/app", "./config", "/srv/app/config"},
           Case{"/srv/app", "../token", "/srv/token"},
           Case{"/srv/app", "../../../../etc", "/etc"},
           Case{"/srv/app/", "", "/srv/app"},
           Case{"/srv/app", "/etc//cloudflared/", "/etc/cloudflared"},
           Case{"/srv/app", "/", "/"},
           Case{"/", "token", "/token"},
           Case{"", "", "/"},
           Case{"/srv", "a/./b/../c", "/srv/a/c"},
           Case{"/srv", "...", "/srv/..."},
       }) {
    CAPTURE(row.directory);
    CAPTURE(row.path);
    CHECK(lexical_path(row.directory, row.path) == row.whole);
  }
}
