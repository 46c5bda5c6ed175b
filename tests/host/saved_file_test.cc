#include "cfwarden/host/saved_file.h"

#include "read_tree.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("a file is read up to its cap, and no byte further") {
  Tree tree;
  const std::string file = put(tree, "report", std::string(200'000, 'x'));
  const auto whole = read_saved_file(file, 200'000, SavedBy::named);
  REQUIRE(whole);
  CHECK(whole->size() == 200'000);
  CHECK_FALSE(read_saved_file(file, 199'999, SavedBy::named));
  const auto empty = read_saved_file(put(tree, "empty", ""), 10, SavedBy::named);
  REQUIRE(empty);
  CHECK(empty->empty());
}

TEST_CASE("what is no file is refused, and nothing is waited for") {
  Tree tree;
  const std::string file = put(tree, "report", "x");
  const std::string pipe = file + ".pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const SavedBy by : {SavedBy::named, SavedBy::trusted}) {
    CHECK_FALSE(read_saved_file(pipe, 10, by));
    CHECK_FALSE(read_saved_file(file + ".none", 10, by));
    CHECK_FALSE(read_saved_file("/", 10, by));
  }
}

TEST_CASE("what steers a run is no link, and closed to others' writing") {
  Tree tree;
  const std::string file = put(tree, "report", "x");
  REQUIRE(chmod(file.c_str(), 0600) == 0);
  CHECK(read_saved_file(file, 10, SavedBy::trusted));
  const std::string link = file + ".link";
  REQUIRE(symlink(file.c_str(), link.c_str()) == 0);
  CHECK(read_saved_file(link, 10, SavedBy::named));
  CHECK_FALSE(read_saved_file(link, 10, SavedBy::trusted));
  REQUIRE(chmod(file.c_str(), 0620) == 0);
  CHECK(read_saved_file(file, 10, SavedBy::named));
  CHECK_FALSE(read_saved_file(file, 10, SavedBy::trusted));
}

}  // namespace
}  // namespace cfwarden
