#include "cfwarden/sweep/link_set.h"

#include <doctest/doctest.h>
#include <cstdint>

namespace cfwarden {
namespace {

TEST_CASE("an inode is new once, and the same number on another device is another inode") {
  LinkSet links;
  for (std::uint64_t inode = 1; inode < 20'000; ++inode) {
    REQUIRE(links.is_new({.device = 1, .inode = inode}));
    REQUIRE(links.is_new({.device = 2, .inode = inode}));
  }
  for (std::uint64_t inode = 1; inode < 20'000; ++inode) {
    REQUIRE_FALSE(links.is_new({.device = 1, .inode = inode}));
    REQUIRE_FALSE(links.is_new({.device = 2, .inode = inode}));
  }
}

TEST_CASE("a full set knows what it knew, and takes all others for new") {
  LinkSet links;
  for (std::uint64_t inode = 1; inode <= LinkSet::most_inodes; ++inode)
    REQUIRE(links.is_new({.device = 7, .inode = inode}));
  CHECK_FALSE(links.is_new({.device = 7, .inode = 1}));
  CHECK_FALSE(links.is_new({.device = 7, .inode = LinkSet::most_inodes}));
  CHECK(links.is_new({.device = 8, .inode = 1}));
  CHECK(links.is_new({.device = 8, .inode = 1}));
}

}  // namespace
}  // namespace cfwarden
