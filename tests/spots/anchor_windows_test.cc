#include "cfwarden/spots/anchor_windows.h"

#include "cfwarden/search/anchors.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace cfwarden {
namespace {

TEST_CASE("the windows chosen when the program was built are those of its anchors") {
  const std::vector<Anchor> anchors = all_anchors();
  const std::vector<Literal> literals = literals_of(anchors);
  const auto windows = anchor_windows();
  if (windows.empty()) {
    MESSAGE("left out: the build could not run its own programs, and chose none");
    return;
  }
  CHECK(plan_buckets(literals, windows).has_buckets);
  CHECK(std::ranges::equal(windows, choose_windows(literals)));
}

}  // namespace
}  // namespace cfwarden
