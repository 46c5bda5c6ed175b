#include "cfwarden/needs/container_mounts.h"

#include "starts_from.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

TEST_CASE("of several mounts at a place the last one counts, and what has no path is elsewhere") {
  ContainerMounts mounts;
  mounts.add("/a/", "/first");
  mounts.add("/b", "/second//dir/");
  mounts.add("/a", "volume");
  mounts.add("/b/./c", "");
  mounts.add("relative", "/x");
  CHECK(mounts.has("/b/c"));
  CHECK_FALSE(mounts.has("/c"));
  Start start;
  Starts starts;
  mounts.give_to(start, starts);
  CHECK(mounted_at(start, "/a") == "elsewhere");
  CHECK(mounted_at(start, "/b") == "/second/dir");
  CHECK(mounted_at(start, "/b/c") == "elsewhere");
  CHECK(start.mounts.size() == 1);
  CHECK(start.elsewhere.size() == 2);
  CHECK(starts.gaps.empty());
}

TEST_CASE("mounts beyond the limit are left out and said to be") {
  ContainerMounts mounts;
  for (int i = 0; i < 70; ++i) mounts.add("/m" + std::to_string(i), "/h");
  Start start;
  start.file = "/d/config.v2.json";
  Starts starts;
  mounts.give_to(start, starts);
  CHECK(start.mounts.size() == max_container_mounts);
  REQUIRE(starts.gaps.size() == 1);
  CHECK(starts.gaps[0].path == "/d/config.v2.json");
}
