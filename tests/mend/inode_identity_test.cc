#include "cfwarden/mend/inode_identity.h"

#include "state_home.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cfwarden;

TEST_CASE("an inode is the same where nothing that both know of it differs") {
  const InodeIdentity one{.id = {.device = 1, .inode = 2}, .born_nanoseconds = 3, .generation = 4};
  const auto with = [&](const auto& change) {
    InodeIdentity other = one;
    change(other);
    return other;
  };
  CHECK(one == one);
  CHECK(one == with([](InodeIdentity& other) { other.generation = std::nullopt; }));
  CHECK(with([](InodeIdentity& other) { other.born_nanoseconds = std::nullopt; }) == one);
  CHECK(one != with([](InodeIdentity& other) { other.generation = 5; }));
  CHECK(one != with([](InodeIdentity& other) { other.born_nanoseconds = 0; }));
  CHECK(one != with([](InodeIdentity& other) { other.id.inode = 0; }));
  CHECK(one != with([](InodeIdentity& other) { other.id.device = 0; }));
}

TEST_CASE("an inode is known by device, number and birth through an O_PATH descriptor") {
  const StateHome home;
  put_bytes(home.at("/file"), "invented");
  const Descriptor path_only{open(home.at("/file").c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  const Result<InodeIdentity> identity = identity_of(path_only);
  REQUIRE(identity);
  struct stat status {};
  REQUIRE(stat(home.at("/file").c_str(), &status) == 0);
  CHECK(identity->id.device == status.st_dev);
  CHECK(identity->id.inode == status.st_ino);
  CHECK_FALSE(identity->generation);
  struct statx facts {};
  REQUIRE(statx(AT_FDCWD, home.at("/file").c_str(), 0, STATX_BTIME, &facts) == 0);
  if ((facts.stx_mask & STATX_BTIME) != 0) {
    CHECK(identity->born_nanoseconds ==
          facts.stx_btime.tv_sec * 1'000'000'000 + facts.stx_btime.tv_nsec);
  } else {
    CHECK_FALSE(identity->born_nanoseconds);
  }
  const Descriptor readable{open(home.at("/file").c_str(), O_RDONLY | O_CLOEXEC)};
  const Result<InodeIdentity> same = identity_of(readable);
  REQUIRE(same);
  CHECK(*same == *identity);
  CHECK_FALSE(identity_of(Descriptor{}));
}

TEST_CASE("a readable descriptor tells the generation where the file system has one") {
  std::string path = "/tmp/cfwarden-test-XXXXXX";
  const Descriptor file{mkostemp(path.data(), O_CLOEXEC)};
  REQUIRE(file.is_open());
  REQUIRE(unlink(path.c_str()) == 0);
  const Result<InodeIdentity> identity = identity_of(file);
  REQUIRE(identity);
  if (identity->generation) {
    const Descriptor other{open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    const Result<InodeIdentity> another = identity_of(other);
    REQUIRE(another);
    CHECK_FALSE(*another == *identity);
  } else {
    MESSAGE("skipped: /tmp has no generations");
  }
}
