#include "cfwarden/host/account_sources.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("the files suffice where nothing but systemd's module stands beside them") {
  for (const char* text :
       {"passwd: files\ngroup: files\n", "passwd:\tfiles systemd\ngroup: files systemd",
        "# passwd: ldap\npasswd: files # not ldap\ngroup: files\nshadow: files\n"}) {
    CAPTURE(text);
    CHECK(only_files_and_systemd(text));
  }
}

TEST_CASE("any other source, condition or spelling is left to the C library") {
  for (const char* text :
       {"", "passwd: files\n", "passwd: files ldap\ngroup: files\n",
        "passwd: compat\ngroup: files\n", "passwd: systemd\ngroup: files\n",
        "passwd: files [NOTFOUND=return] nis\ngroup: files\n",
        "passwd: files\npasswd: files\ngroup: ldap\n", "passwd : files\ngroup: files\n",
        "passwd: files\ngroup: files\ninitgroups: sss\n", "passwd:files\ngroup:files\n"}) {
    CAPTURE(text);
    CHECK_FALSE(only_files_and_systemd(text));
  }
}
