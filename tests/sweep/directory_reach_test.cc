#include "cfwarden/sweep/directory_reach.h"

#include "../host/tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <string>

namespace cfwarden {
namespace {

// The directories /a/b/c of a tree, none of which is kept open.
struct ThreeDeep {
  Tree tree;
  DirectoryRef top;
  DirectoryRef a, b, c;

  ThreeDeep() {
    top = known(DirectoryRef::start(tree.path()), tree.path());
    a = known(top.below("a"), tree.directory("/a"));
    b = known(a.below("b"), tree.directory("/a/b"));
    c = known(b.below("c"), tree.directory("/a/b/c"));
  }

  static DirectoryRef known(DirectoryRef directory, const std::string& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    directory->id = {.device = status.st_dev, .inode = status.st_ino};
    return directory;
  }
};

std::uint64_t inode_through(const Result<int>& descriptor) {
  REQUIRE(descriptor.has_value());
  struct stat status {};
  REQUIRE(fstat(*descriptor, &status) == 0);
  return status.st_ino;
}

TEST_CASE("a directory is reached by names from the start, and from where the thread was") {
  ThreeDeep deep;
  const EntryOpener opener;
  DirectoryReach reach{opener};
  for (const DirectoryRef& there : {deep.c, deep.b, deep.a, deep.c, deep.top, deep.b})
    CHECK(inode_through(reach.descriptor_of(there)) == there->id.inode);
}

TEST_CASE("another directory of the name on the way is noticed") {
  ThreeDeep deep;
  REQUIRE(rename(deep.tree.at("/a/b").c_str(), deep.tree.at("/old").c_str()) == 0);
  deep.tree.directory("/a/b");
  deep.tree.directory("/a/b/c");
  const EntryOpener opener;
  DirectoryReach reach{opener};
  const auto reached = reach.descriptor_of(deep.c);
  REQUIRE_FALSE(reached.has_value());
  CHECK(reached.error().code == ESTALE);
}

TEST_CASE("what was moved is still reached upwards, and where '..' leads elsewhere, by names") {
  ThreeDeep deep;
  const EntryOpener opener;
  DirectoryReach reach{opener};
  CHECK(inode_through(reach.descriptor_of(deep.c)) == deep.c->id.inode);
  REQUIRE(rename(deep.tree.at("/a/b").c_str(), deep.tree.at("/elsewhere").c_str()) == 0);
  CHECK(inode_through(reach.descriptor_of(deep.b)) == deep.b->id.inode);
  CHECK(inode_through(reach.descriptor_of(deep.a)) == deep.a->id.inode);
  CHECK_FALSE(reach.descriptor_of(deep.c).has_value());
}

}  // namespace
}  // namespace cfwarden
