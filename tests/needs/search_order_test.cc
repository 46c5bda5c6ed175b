#include "cfwarden/needs/search_order.h"

#include <doctest/doctest.h>

namespace cfwarden {

TEST_CASE("a tilde stands for one's own home only") {
  CHECK(expand_home("~", "/root") == "/root");
  CHECK(expand_home("~/a.json", "/root") == "/root/a.json");
  CHECK(expand_home("/srv/~/a", "/root") == "/srv/~/a");
  CHECK(expand_home("", "/root") == "");
  CHECK(expand_home("~alice/a", "/root") == std::nullopt);
  CHECK(expand_home("~/a", "") == std::nullopt);
  CHECK(expand_home("a", "") == "a");
}

TEST_CASE("a path is made absolute without empty and single-dot components") {
  CHECK(absolute_path("/a//b/./c/", "/x") == "/a/b/c");
  CHECK(absolute_path("b", "/x/") == "/x/b");
  CHECK(absolute_path("./b/../c", "/x") == "/x/b/../c");
  CHECK(absolute_path("b", "") == "/b");
  CHECK(absolute_path("", "") == "/");
  CHECK(absolute_path("/", "/x") == "/");
}

TEST_CASE("without a home only the system's directories are left") {
  CHECK(default_directories("/root").size() == 5);
  CHECK(default_directories("/root").front() == "/root/.cloudflared");
  CHECK(default_directories("") ==
        std::vector<std::string>{"/etc/cloudflared", "/usr/local/etc/cloudflared"});
}

}  // namespace cfwarden
