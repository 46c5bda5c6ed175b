#include "cfwarden/app/exclusion.h"

#include <doctest/doctest.h>

#include <vector>

using namespace cfwarden;

namespace {

bool leaves_out(const std::string& glob, std::string_view path) {
  const std::vector<std::string> globs{"/never/matches", glob};
  return is_excluded(path, globs);
}

}  // namespace

TEST_CASE("a glob with a slash leaves out what it matches and everything below") {
  CHECK(leaves_out("/srv/leave", "/srv/leave"));
  CHECK(leaves_out("/srv/leave", "/srv/leave/deep/token"));
  CHECK(leaves_out("/srv/l*", "/srv/leave/token"));
  CHECK(leaves_out("/home/*/.cloudflared", "/home/alice/.cloudflared/cert.pem"));
  CHECK_FALSE(leaves_out("/srv/leave", "/srv/leaves"));
  CHECK_FALSE(leaves_out("/srv/leave", "/srv"));
}

TEST_CASE("a glob without a slash is about names") {
  CHECK(leaves_out("*.bak", "/etc/cloudflared/cert.pem.bak"));
  CHECK_FALSE(leaves_out("*.bak", "/etc/old.bak/cert.pem"));
  CHECK_FALSE(leaves_out("etc", "/etc/cert.pem"));
}

TEST_CASE("without globs nothing is left out") {
  CHECK_FALSE(is_excluded("/etc", {}));
}

TEST_CASE("what the kernel makes for its reader is told from files by its path") {
  for (const char* path : {"/proc/self/fd/3", "/proc", "/dev/fd/63", "/dev/stdin", "/sys/x"}) {
    CAPTURE(path);
    CHECK(is_made_by_kernel(path));
  }
  for (const char* path : {"/dev/shm/token", "/dev/fdx", "/process/token", "/etc/proc"}) {
    CAPTURE(path);
    CHECK_FALSE(is_made_by_kernel(path));
  }
}
