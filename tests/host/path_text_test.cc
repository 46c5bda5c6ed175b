#include "cfwarden/host/path_text.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

TEST_CASE("names are joined with one slash") {
  CHECK(joined("/", "a") == "/a");
  CHECK(joined("/a", "b") == "/a/b");
  CHECK(joined("/a/", "b") == "/a/b");
}

TEST_CASE("components that name nothing are left out, and those that go up stay") {
  CHECK(components_of("//a/./b/../c//") == std::vector<std::string>{"a", "b", "..", "c"});
  CHECK(components_of("/").empty());
  CHECK(normal_path("//a/./b/") == "/a/b");
  CHECK(normal_path("/./") == "/");
}

}  // namespace
}  // namespace cfwarden
