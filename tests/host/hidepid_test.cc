#include "cfwarden/host/hidepid.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

bool hides(const std::string& options, const std::vector<std::uint32_t>& groups = {1000}) {
  const std::string mountinfo =
      "21 29 0:20 / /sys rw,nosuid shared:6 - sysfs sysfs rw,hidepid=2\n"
      "22 29 0:21 / /proc rw,nosuid,nodev shared:12 - proc proc " +
      options + "\n23 29 0:5 / /dev rw - devtmpfs udev rw\n";
  return is_mounted_hiding(mountinfo, 22, groups);
}

TEST_CASE("a /proc is mounted hiding by number or by word") {
  for (const char* options :
       {"rw,hidepid=1", "rw,hidepid=2", "rw,hidepid=noaccess,gid=27", "rw,gid=27,hidepid=invisible",
        "rw,hidepid=4,gid=1000", "rw,hidepid=ptraceable,gid=1000", "rw,hidepid=2,subset=pid"}) {
    CAPTURE(options);
    CHECK(hides(options));
  }
}

TEST_CASE("a /proc that hides nothing, or not from this caller's group, is no gap") {
  for (const char* options : {"rw", "rw,hidepid=0", "rw,hidepid=off", "rw,hidepid=2,gid=1000",
                              "rw,gid=1000,hidepid=invisible", "rw,nohidepid=2"}) {
    CAPTURE(options);
    CHECK_FALSE(hides(options));
  }
  CHECK_FALSE(hides("rw,hidepid=2,gid=27", {4, 27}));
}

TEST_CASE("another mount says nothing of this one") {
  CHECK_FALSE(is_mounted_hiding("22 1 0:1 / /proc rw - proc proc rw,hidepid=2\n", 2, {}));
  CHECK_FALSE(is_mounted_hiding("", 22, {}));
  CHECK_FALSE(is_mounted_hiding("22", 22, {}));
  CHECK_FALSE(is_mounted_hiding("\n\n22 \n", 22, {}));
}

}  // namespace
}  // namespace cfwarden
