#include "cfwarden/needs/id_map.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

TEST_CASE("an account's ranges follow each other, by its name and by its uid") {
  const std::string subuid =
      "# comment\nalice:100000:65536\ndockremap:165536:1000\nbob:300000:65536\n165:9:9\n"
      "1000:400000:10\nalicex:1:1";
  const IdMap map = subordinate_ids(subuid, "alice", "1000", 1);
  REQUIRE(map.size() == 2);
  CHECK(outside_id(map, 1) == 100000U);
  CHECK(outside_id(map, 65536) == 165535U);
  CHECK(outside_id(map, 65537) == 400000U);
  CHECK(outside_id(map, 65546) == 400009U);
  CHECK_FALSE(outside_id(map, 65547));
  CHECK_FALSE(outside_id(map, 0));
  CHECK(outside_id(subordinate_ids(subuid, "dockremap", "", 0), 999) == 166535U);
  CHECK(subordinate_ids(subuid, "nobody", "65534", 0).empty());
}

TEST_CASE("a user's own daemon maps root to that user and the rest to the ranges") {
  const IdMap map = rootless_ids(1000, subordinate_ids("alice:100000:65536", "alice", "1000", 1));
  CHECK(outside_id(map, 0) == 1000U);
  CHECK(outside_id(map, 65532) == 165531U);
}

TEST_CASE("a shift leads from the id inside to the id outside, upwards and downwards") {
  const IdMaps maps{.uids = rootless_ids(1000, {{.inside = 1, .outside = 100000, .count = 65536}}),
                    .gids = {{.inside = 65532, .outside = 7, .count = 1}}};
  RunAs run_as{.user = "65532", .group = "65532"};
  auto shift = shift_of(maps, run_as);
  REQUIRE(shift);
  CHECK(65532U + shift->uid_base == 165531U);
  CHECK(65532U + shift->gid_base == 7U);
  run_as.user = "";
  shift = shift_of(maps, run_as);
  REQUIRE(shift);
  CHECK(shift->uid_base == 1000U);
  run_as.user = "cloudflared";
  shift = shift_of(maps, run_as);
  REQUIRE(shift);
  CHECK(shift->uid_base == 99999U);
  run_as.user = "70000";
  CHECK_FALSE(shift_of(maps, run_as));
  run_as = {.user = "0", .group = "1"};
  CHECK_FALSE(shift_of(maps, run_as));
}

TEST_CASE("a line of subordinate ids that is none is passed over") {
  for (const char* text : {"alice", "alice:", "alice:1", "alice:1:", "alice:x:1", "alice:1:0",
                           "alice:-1:5", "alice:4294967290:100", "alice:1:4294967295",
                           "alice:1:99999999999", ":1:1", "alice:1:1:1", "alice: 1:1"}) {
    CAPTURE(text);
    CHECK(subordinate_ids(text, "alice", "1000", 1).empty());
  }
  CHECK(subordinate_ids(":1:1", "", "", 0).empty());
}

TEST_CASE("an id is decimal and whole") {
  CHECK(decimal_id("65532") == 65532U);
  CHECK(decimal_id("0") == 0U);
  for (const char* text : {"", "-1", "+1", "1 ", "0x1", "nonroot", "4294967295", "4294967296"}) {
    CAPTURE(text);
    CHECK_FALSE(decimal_id(text));
  }
}
