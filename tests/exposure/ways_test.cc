#include "cfwarden/exposure/ways.h"

#include <doctest/doctest.h>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::uint32_t bob = 1001;
const Principal who{.uid = bob, .gids = {}};

DirectoryFacts directory(std::string path, std::uint32_t uid, unsigned mode) {
  return {.path = std::move(path),
          .id = {},
          .permissions = {.mode = mode, .uid = uid, .gid = 0, .acl = {}},
          .default_acl = {}};
}

FileFacts file_below(std::vector<DirectoryFacts> ancestors) {
  FileFacts facts;
  facts.permissions = {.mode = 0644, .uid = 0, .gid = 0, .acl = {}};
  facts.ancestors = std::move(ancestors);
  return facts;
}

TEST_CASE("the first closed directory on the way is named, those of a link are not on it") {
  const FileFacts facts = file_below({directory("/", 0, 0755), directory("/home", 0, 0755),
                                      directory("/home/alice", 1000, 0700), directory("/", 0, 0755),
                                      directory("/srv", 0, 0755), directory("/srv/a", 0, 0700),
                                      directory("/srv/a/b", 0, 0700)});
  const Above above{facts};
  REQUIRE(above.closed_to(who) != nullptr);
  CHECK(above.closed_to(who)->path == "/srv/a");
  CHECK(above.reached_by(who) ==
        std::vector<bool>{true, true, true, true, true, true, false, false});
}

TEST_CASE("a name that begins like a directory's does not lie in it") {
  const FileFacts facts = file_below(
      {directory("/", 0, 0755), directory("/srv", 0, 0700), directory("/srv-other", 0, 0755)});
  const Above above{facts};
  CHECK(above.file_reached_by(who));
}

TEST_CASE("a file without directories above is reached") {
  const FileFacts facts = file_below({});
  CHECK(Above{facts}.file_reached_by(who));
  CHECK(ways_to_read(Above{facts}, who).size() == 1);
}

// Four thousand directories, one look at each: quadratic work would take this test minutes.
TEST_CASE("a directory far down that a user owns is a way only if all above it can be searched") {
  constexpr std::size_t depth = 4000;
  std::vector<DirectoryFacts> ancestors{directory("/", 0, 0755)};
  std::string path;
  for (std::size_t i = 0; i < depth; ++i) {
    path += "/d";
    ancestors.push_back(directory(path, 0, 0755));
  }
  ancestors.back().permissions.uid = bob;
  FileFacts facts = file_below(std::move(ancestors));
  for (int round = 0; round < 50; ++round) {
    REQUIRE(ways_to_write(Above{facts}, who) ==
            std::vector{Way{.directory = depth + 1, .owns = true, .by = AclTag::owner}});
  }
  facts.ancestors[depth / 2].permissions.mode = 0700;
  CHECK(ways_to_write(Above{facts}, who).empty());
}

}  // namespace
}  // namespace cfwarden
