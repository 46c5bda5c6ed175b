#include "cfwarden/base/git_tree.h"

#include <doctest/doctest.h>
#include <string>

using namespace cfwarden;

namespace {

const std::string id_a(20, '\xab');
const std::string hex_a = [] {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "ab";
  return text;
}();

std::string entry(const std::string& mode, const std::string& name) {
  return mode + " " + name + std::string(1, '\0') + id_a;
}

}  // namespace

TEST_CASE("a tree lists names, ids and modes as an index has them") {
  const auto entries =
      entries_in_git_tree(entry("100664", "a b") + entry("100755", "c") + entry("40000", "d"), 20);
  REQUIRE(entries);
  REQUIRE(entries->size() == 3);
  CHECK((*entries)[0].name == "a b");
  CHECK((*entries)[0].id == hex_a);
  CHECK((*entries)[0].mode == 0100644);
  CHECK((*entries)[1].mode == 0100755);
  CHECK((*entries)[2].mode == 0040000);
  CHECK(entries_in_git_tree("", 20)->empty());
}

TEST_CASE("what does not parse to its end is no tree") {
  const std::string whole = entry("100644", "a");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CHECK_FALSE(entries_in_git_tree(whole.substr(0, size), 20));
  }
  CHECK_FALSE(entries_in_git_tree(whole, 32));
  for (const char* name : {"", ".", "..", "a/b"}) {
    CHECK_FALSE(entries_in_git_tree(entry("100644", name), 20));
  }
  for (const char* mode : {"", "8", "x", "1000644", "-1"}) {
    CHECK_FALSE(entries_in_git_tree(entry(mode, "a"), 20));
  }
}

TEST_CASE("a commit names its tree first") {
  CHECK(tree_of_git_commit("tree " + hex_a + "\nparent x\n") == hex_a);
  for (const std::string& one :
       {std::string{}, "tree " + hex_a, "tree " + hex_a + "0\n", "Tree " + hex_a + "\n",
        "tree " + std::string(40, 'A') + "\n", "parent " + hex_a + "\n"}) {
    CHECK(tree_of_git_commit(one).empty());
  }
}
