#include "cfwarden/model/cloudflared_directories.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

TEST_CASE("cloudflared's directories are known by name in any home, and by path in the system") {
  for (const char* path : {"/root/.cloudflared", "/backup/alice/.cloudflare-warp",
                           "/cloudflare-warp", "/etc/cloudflared", "/usr/local/etc/cloudflared"}) {
    CAPTURE(path);
    CHECK(is_default_directory(path));
    CHECK(in_default_directory(path));
    CHECK(in_default_directory(std::string{path} + "/deep/er"));
    CHECK_FALSE(is_default_directory(std::string{path} + "/deep"));
  }
  for (const char* path :
       {"/", "/srv/etc/cloudflared", "/root/cloudflared", "/root/.cloudflared2", ""}) {
    CAPTURE(path);
    CHECK_FALSE(is_default_directory(path));
    CHECK_FALSE(in_default_directory(path));
  }
}
