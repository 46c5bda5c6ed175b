#include "cfwarden/sweep/directory.h"

#include <doctest/doctest.h>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("a directory tells its path from the start that was named") {
  const auto root = DirectoryRef::start("/");
  CHECK(path_of(*root) == "/");
  CHECK(path_of(*root.below("etc").below("cloudflared")) == "/etc/cloudflared");
  CHECK(path_of(*DirectoryRef::start("home").below("alice")) == "home/alice");
  const DirectoryPath path{*root};
  CHECK(path.of("token") == "/token");
}

TEST_CASE("a chain of a million directories goes without a stack of that depth") {
  auto here = DirectoryRef::start("/");
  for (int i = 0; i < 1'000'000; ++i) here = here.below("d");
  CHECK(here->depth == 1'000'000);
  here = {};
  CHECK_FALSE(here);
}

TEST_CASE("descriptors that are kept come from a budget, and go back to it") {
  DescriptorBudget budget{1};
  Descriptor unused;
  auto first = DirectoryRef::start("/a");
  auto second = DirectoryRef::start("/b");
  CHECK(keep_open(*first, unused, budget));
  CHECK_FALSE(keep_open(*second, unused, budget));
  first = {};
  CHECK(keep_open(*second, unused, budget));
}

}  // namespace
}  // namespace cfwarden
