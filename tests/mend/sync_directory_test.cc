#include "cfwarden/mend/sync_directory.h"

#include "state_home.h"

#include <doctest/doctest.h>

#include <fcntl.h>

using namespace cfwarden;

TEST_CASE("a directory is synced through any descriptor of it") {
  const StateHome home;
  for (const int flags : {O_PATH, O_RDONLY}) {
    CAPTURE(flags);
    const Descriptor directory{open(home.at("").c_str(), flags | O_DIRECTORY | O_CLOEXEC)};
    REQUIRE(directory.is_open());
    CHECK(sync_directory(directory).has_value());
  }
}

TEST_CASE(
    "where a directory cannot be synced because the file system knows no such thing, so be it") {
  const Descriptor proc{open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  REQUIRE(proc.is_open());
  CHECK(sync_directory(proc).has_value());
}

TEST_CASE("what is no directory is not said to be on disk") {
  const StateHome home;
  put_bytes(home.at("/file"), "invented");
  const Descriptor file{open(home.at("/file").c_str(), O_RDONLY | O_CLOEXEC)};
  REQUIRE(file.is_open());
  CHECK_FALSE(sync_directory(file).has_value());
  CHECK_FALSE(sync_directory(Descriptor{}).has_value());
}
