#include "cfwarden/spots/anchor_windows.h"

#include "cfwarden/search/anchors.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace cfwarden {
namespace {

TEST_CASE("the windows chosen when the program was built are those of its anchors") {
  const std::vector<Anchor> anchors = all_anchors();
  std::vector<Literal> literals;
  for (const Anchor& anchor : anchors) literals.push_back({anchor.literal, anchor.letter_case});
  const auto windows = anchor_windows();
  CHECK(plan_buckets(literals, windows).has_buckets);
  CHECK(std::ranges::equal(windows, choose_windows(literals)));
}

}  // namespace
}  // namespace cfwarden
