#include "cfwarden/host/listing.h"

#include "tree.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <cstddef>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("a listing is sorted, knows types, leaves out the dots and says when it was cut") {
  Tree tree;
  tree.file("/b");
  tree.directory("/a");
  tree.link("b", "/c");
  REQUIRE(mkfifo(tree.at("/d").c_str(), 0600) == 0);
  const auto opener = Opener::at(tree.path());
  const auto root = opener->open("/");
  const auto names = list(*root, 4);
  REQUIRE(names.has_value());
  REQUIRE(names->entries.size() == 4);
  CHECK_FALSE(names->truncated);
  const FileType types[] = {FileType::directory, FileType::regular, FileType::symlink,
                            FileType::other};
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK(names->entries[i].name == std::string(1, static_cast<char>('a' + i)));
    CHECK(names->entries[i].type == types[i]);
  }
  const auto cut = list(*root, 3);
  CHECK(cut->entries.size() == 3);
  CHECK(cut->truncated);
}

TEST_CASE("a directory opened for listing gives all its names and its ACLs, time after time") {
  Tree tree;
  tree.directory("/d");
  tree.file("/d/a");
  tree.file("/d/b");
  const auto opener = Opener::at(tree.path());
  auto directory = opener->open("/d");
  const std::shared_ptr<const Descriptor> before = directory->descriptor;
  open_for_listing(*directory);
  CHECK(directory->descriptor != before);
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    CHECK(list(*directory, 4)->entries.size() == 2);
    CHECK(own_facts(*directory).default_acl.empty());
  }
  CHECK(complete_facts(*directory).ancestors.size() == 1);
}

}  // namespace
}  // namespace cfwarden
