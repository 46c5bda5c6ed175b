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

TEST_CASE("sources that seldom list their accounts are named, once each") {
  for (const char* text :
       {"", "passwd: files systemd\ngroup: files\nhosts: files dns ldap\n", "passwd: compat\n",
        "passwd: files # sss\n", "passwd: files [NOTFOUND=return UNAVAIL=ldap]\n"}) {
    CAPTURE(text);
    CHECK(not_listed_because(text).empty());
  }
  CHECK(not_listed_because("passwd: files sss\ngroup:files sss ldap\ninitgroups: [x=y] winbind")
            .starts_with("accounts of sss, ldap, winbind (nsswitch.conf) are not listed"));
  CHECK(not_listed_because("passwd_compat : nis\n").starts_with("accounts of nis "));
}
