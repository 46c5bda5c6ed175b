#include "cfwarden/host/work_tree.h"

#include "tree.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <string>

namespace cfwarden {
namespace {

using Clock = WorkTreeSearch::Clock;

class Search {
 public:
  std::string above(const std::string& directory) {
    const Result<WorkTree> tree = search_.above(directory, Clock::now() + std::chrono::seconds{60});
    REQUIRE(tree);
    return tree->top;
  }
  int code_in_no_time(const std::string& directory) {
    const Result<WorkTree> tree = search_.above(directory, Clock::now());
    return tree ? 0 : tree.error().code;
  }

 private:
  Opener opener_ = std::move(*Opener::at(""));
  WorkTreeSearch search_{opener_};
};

TEST_CASE("the nearest .git above counts, in whatever order directories are asked for") {
  Tree tree;
  for (const char* below : {"/a", "/a/.git", "/a/b", "/a/b-c", "/a/b/.git", "/a/b/c", "/a/b/c/d",
                            "/a/bc", "/a/e", "/a/e/f", "/o"})
    tree.directory(below);
  const std::string a = tree.at("/a");
  const std::string b = tree.at("/a/b");
  Search search;
  for (int round = 0; round < 2; ++round) {
    CHECK(search.above(tree.at("/a/b/c/d")) == b);
    CHECK(search.above(tree.at("/a/b/c")) == b);
    CHECK(search.above(b) == b);
    CHECK(search.above(tree.at("/a/bc")) == a);
    CHECK(search.above(tree.at("/a/b-c")) == a);
    CHECK(search.above(tree.at("/a/e/f")) == a);
    CHECK(search.above(tree.at("/a/e")) == a);
    CHECK(search.above(a) == a);
    CHECK(search.above(tree.at("/o")).empty());
    CHECK(search.above("/").empty());
    CHECK(search.above(tree.at("/a/b/c/d")) == b);
  }
}

TEST_CASE("a file that holds where .git is counts as one") {
  Tree tree;
  tree.directory("/a");
  tree.directory("/a/b");
  tree.file("/a/.git");
  CHECK(Search{}.above(tree.at("/a/b")) == tree.at("/a"));
}

TEST_CASE("without time nothing is asked, but what is known is told") {
  Tree tree;
  tree.directory("/a");
  tree.directory("/a/b");
  tree.directory("/a/b/c");
  Search search;
  CHECK(search.code_in_no_time(tree.at("/a/b")) == ETIME);
  CHECK(search.above(tree.at("/a/b")).empty());
  CHECK(search.code_in_no_time(tree.at("/a/b")) == 0);
  CHECK(search.code_in_no_time(tree.at("/a")) == 0);
  CHECK(search.code_in_no_time(tree.at("/a/b/c")) == ETIME);
}

TEST_CASE("what is asked of a deep directory grows with its depth, not with the square of it") {
  Tree tree;
  std::string below;
  while (below.size() < 3600) tree.directory(below += "/d");
  const Clock::time_point begin = Clock::now();
  CHECK(Search{}.above(tree.at(below)).empty());
  CHECK(Clock::now() - begin < std::chrono::seconds{3});  // Else it is tens of seconds.
}

}  // namespace
}  // namespace cfwarden
