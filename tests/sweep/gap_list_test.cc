#include "cfwarden/sweep/gap_list.h"

#include <doctest/doctest.h>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("gaps come sorted, whatever the order they were told in") {
  GapList gaps;
  for (const char* path : {"/c", "/a", "/b"}) gaps.add(path, "why");
  const auto sorted = gaps.sorted();
  REQUIRE(sorted.size() == 3);
  CHECK(sorted[0].path == "/a");
  CHECK(sorted[2].path == "/c");
  CHECK(gaps.left_out() == 0);
}

TEST_CASE("of too many gaps the first by path are kept, in any order, and the rest is counted") {
  for (const bool upwards : {true, false}) {
    CAPTURE(upwards);
    GapList gaps;
    constexpr int count = GapList::most_gaps + 10;
    for (int i = 0; i < count; ++i)
      gaps.add("/" + std::to_string(100'000 + (upwards ? i : count - 1 - i)), "why");
    const auto sorted = gaps.sorted();
    REQUIRE(sorted.size() == GapList::most_gaps);
    CHECK(sorted.front().path == "/100000");
    CHECK(sorted.back().path == "/" + std::to_string(100'000 + GapList::most_gaps - 1));
    CHECK(gaps.left_out() == 10);
  }
}

TEST_CASE("a path that no program could use is cut") {
  GapList gaps;
  gaps.add(std::string(100'000, 'x'), "why");
  CHECK(gaps.sorted().front().path == std::string(GapList::longest_path, 'x') + "...");
}

}  // namespace
}  // namespace cfwarden
