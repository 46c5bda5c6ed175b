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

TEST_CASE("a map inside a map leads through both, piece by piece") {
  // As `--userns=keep-id` of uid 1000 has it, inside a user's own ids.
  const IdMap keep_id{{.inside = 0, .outside = 1, .count = 1000},
                      {.inside = 1000, .outside = 0, .count = 1},
                      {.inside = 1001, .outside = 1001, .count = 64536}};
  const IdMap outer = rootless_ids(1000, {{.inside = 1, .outside = 100000, .count = 65536}});
  const IdMap map = through(keep_id, outer);
  CHECK(outside_id(map, 1000) == 1000U);
  CHECK(outside_id(map, 0) == 100000U);
  CHECK(outside_id(map, 999) == 100999U);
  CHECK(outside_id(map, 65532) == 165531U);
  CHECK_FALSE(outside_id(map, 65537));
  CHECK(outside_id(through({}, outer), 0) == 1000U);
  CHECK(through(keep_id, {}).empty());
}

TEST_CASE("a range beyond the ids there are, or of none, is left out") {
  IdMap map;
  append_range({.inside = 7, .outside = 4294967290, .count = 6}, map);
  append_range({.inside = 4294967290, .outside = 7, .count = 6}, map);
  append_range({.inside = 0, .outside = 0, .count = 0}, map);
  CHECK(map.empty());
  for (std::uint32_t i = 0; i < 1000; ++i)
    append_range({.inside = i, .outside = i, .count = 1}, map);
  CHECK(map.size() == max_id_ranges);
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
