#include "cfwarden/sweep/first_by_path.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

struct Added {
  std::string path;
  std::size_t bytes = 0;
};

std::vector<std::string> kept_of(const std::vector<Added>& things, KeptBound most) {
  FirstByPath<int> first{most};
  for (const Added& thing : things) first.add(thing.path, 0, thing.bytes);
  std::vector<std::string> paths;
  for (const auto& [path, thing] : first.take()) paths.push_back(path);
  return paths;
}

using Kept = std::vector<std::string>;

TEST_CASE("within its bounds everything is kept, sorted by path") {
  CHECK(kept_of({{"/b", 1}, {"/a", 1}, {"/c", 1}}, {3, 3}) == Kept{"/a", "/b", "/c"});
}

TEST_CASE("beyond the number the first by path are kept, and the others counted") {
  FirstByPath<int> first{{.number = 2, .bytes = 100}};
  for (const char* path : {"/d", "/a", "/c", "/b"}) first.add(path, 0, 1);
  CHECK(first.size() == 2);
  CHECK(first.left_out() == 2);
  CHECK(first.take().front().first == "/a");
}

TEST_CASE("beyond the bytes it is the same in whatever order they come") {
  std::vector<Added> things{{"/a", 1}, {"/b", 4}, {"/c", 9}, {"/d", 1}, {"/e", 5}, {"/f", 1}};
  std::mt19937 random{3};
  for (std::size_t most = 0; most < 24; ++most) {
    CAPTURE(most);
    const Kept expected = kept_of(things, {100, most});
    std::size_t bytes = 0;
    for (const Added& thing : things) {
      const bool is_kept = std::ranges::find(expected, thing.path) != expected.end();
      bytes += thing.bytes;
      CHECK(is_kept == (bytes <= most));
    }
    for (int round = 0; round < 50; ++round) {
      std::shuffle(things.begin(), things.end(), random);
      REQUIRE(kept_of(things, {100, most}) == expected);
    }
    std::ranges::sort(things, {}, &Added::path);
  }
}

TEST_CASE("of things with one path all are kept or none") {
  CHECK(kept_of({{"/a", 1}, {"/b", 1}, {"/b", 1}}, {2, 9}) == Kept{"/a"});
  CHECK(kept_of({{"/b", 1}, {"/b", 1}, {"/a", 1}}, {2, 9}) == Kept{"/a"});
}

}  // namespace
}  // namespace cfwarden
