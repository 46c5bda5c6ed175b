#include "cfwarden/host/mounts.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("the type of a mount is found by its number") {
  const std::string text =
      "21 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
      "212 21 0:50 / /mnt/a\\040-\\040b rw - nfs4 server:/x rw\n"
      "22 21 0:51 / /home rw,nosuid shared:2 master:3 - fuse.sshfs alice@x: rw";
  CHECK(type_of_mount(21, text) == "ext4");
  CHECK(type_of_mount(212, text) == "nfs4");
  CHECK(type_of_mount(22, text) == "fuse.sshfs");
  CHECK(type_of_mount(2, text) == "");
  CHECK(type_of_mount(0, text) == "");
  CHECK(type_of_mount(21, "") == "");
  CHECK(type_of_mount(21, "21 1 253:0 / / rw,relatime shared:1\n") == "");
}

TEST_CASE("what lies below /proc lies on procfs") {
  const int directory = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(directory >= 0);
  CHECK(file_system_type(directory) == "proc");
  close(directory);
}

}  // namespace
}  // namespace cfwarden
