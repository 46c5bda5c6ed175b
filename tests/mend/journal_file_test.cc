#include "cfwarden/mend/journal_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

using namespace cfwarden;

namespace {

constexpr std::int64_t started = 1795337005;  // 20261122T084325Z

std::string next(const std::vector<std::string>& existing, std::int64_t now = started) {
  std::vector<JournalName> names;
  for (const std::string& text : existing) {
    const auto name = journal_name(text);
    REQUIRE(name);
    names.push_back(*name);
  }
  std::ranges::sort(names);
  const auto name = next_name(names, now, 4711);
  return name ? text_of(*name) : "none";
}

}  // namespace

TEST_CASE("a journal is named after its moment and its process") {
  CHECK(next({}) == "20261122T084325Z-4711");
  CHECK(next({}, 0) == "19700101T000000Z-4711");
  CHECK(next({"20261122T084324Z-9999"}) == "20261122T084325Z-4711");
}

TEST_CASE("a run that starts in the same second as others is named after them") {
  CHECK(next({"20261122T084325Z-4711"}) == "20261122T084325Z-4711-2");
  CHECK(next({"20261122T084325Z-9"}) == "20261122T084325Z-4711-2");
  CHECK(next({"20261122T084325Z-9-2", "20261122T084325Z-99999", "20261122T084325Z-4711-10"}) ==
        "20261122T084325Z-4711-11");
}

TEST_CASE("a clock that was set back puts no run before an older one") {
  CHECK(next({"20270101T000000Z-1"}) == "20270101T000000Z-4711-2");
}

TEST_CASE("a clock without a year of four digits names no journal") {
  for (const std::int64_t now :
       {std::int64_t{253402300800}, std::int64_t{-62167219201},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CAPTURE(now);
    CHECK(next({}, now) == "none");
  }
}

TEST_CASE("names are in the order in which their runs were") {
  const std::vector<std::string> in_order{"20251231T235959Z-5",    "20261122T084325Z-900",
                                          "20261122T084325Z-1000", "20261122T084325Z-4-2",
                                          "20261122T084325Z-3-3",  "20261122T084325Z-1-10",
                                          "20261122T084326Z-1"};
  for (std::size_t i = 0; i + 1 < in_order.size(); ++i) {
    CAPTURE(in_order[i]);
    const auto earlier = journal_name(in_order[i]);
    const auto later = journal_name(in_order[i + 1]);
    REQUIRE(earlier);
    REQUIRE(later);
    CHECK(*earlier < *later);
    CHECK(text_of(*earlier) == in_order[i]);
  }
}

TEST_CASE("what is spelled otherwise is no name of a journal") {
  for (const std::string name : {"",
                                 "x",
                                 "20261122T084325Z",
                                 "20261122T084325Z-",
                                 "20261122T084325Z-1-",
                                 "2026",
                                 "20261122T084325Z-1-1",
                                 "20261122T084325Z-1-0",
                                 "20261122T084325Z-01",
                                 "20261122T084325Z-1-02",
                                 "20261122T084325Z-1-2-3",
                                 "20261122T084325Z--1",
                                 "20261122T084325Z-+1",
                                 "20261122T084325Z- 1",
                                 "20261122T084325Z-1\n",
                                 "20261122t084325z-1",
                                 "2026-11-22T08:43:25Z-1",
                                 "20261122T084325Z-4294967296",
                                 "../20261122T084325Z-1",
                                 "20261122T084325Z-1/.."}) {
    CAPTURE(name);
    CHECK_FALSE(journal_name(name));
  }
}
