#include "cfwarden/host/git_tracking.h"

#include "tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <unistd.h>

namespace cfwarden {
namespace {

// An index, version 2, that lists one name. No checksum is asked for.
std::string index_of(const std::string& name) {
  std::string bytes{"DIRC\0\0\0\2\0\0\0\1", 12};
  bytes += std::string(60, '\0');
  bytes += '\0';
  bytes += static_cast<char>(name.size());
  bytes += name;
  bytes += std::string(8 - (62 + name.size()) % 8, '\0');
  return bytes + std::string(20, '\1');
}

class Repository {
 public:
  explicit Repository(Tree& tree, const std::string& below, std::uint32_t uid = 0) {
    tree.directory(below, uid);
    tree.directory(below + "/.git", uid);
    tree.file(below + "/.git/index", uid, 0644, index_of("tracked"));
    paths = {tree.file(below + "/tracked", uid), tree.file(below + "/untracked", uid)};
  }
  std::vector<std::string> paths;
};

TrackedFiles tracked_in(const std::vector<std::string>& paths, const GitBounds& bounds = {},
                        std::uint32_t uid = 0) {
  std::vector<AskedFile> files;
  for (const std::string& path : paths) files.push_back({.path = path, .uid = uid});
  const Result<Opener> opener = Opener::at("");
  REQUIRE(opener);
  return tracked_files(
      *opener, files, [](std::uint32_t) { return 65534U; }, bounds);
}

std::vector<Answer> answers(const TrackedFiles& found, const std::vector<std::string>& paths) {
  std::vector<Answer> all;
  for (const std::string& path : paths) all.push_back(found.by_path.at(path).is_tracked);
  return all;
}

const std::vector<Answer> known{Answer::yes, Answer::no};
const std::vector<Answer> unknown{Answer::unknown, Answer::unknown};

TEST_CASE("an index says what git tracks; without a .git nothing is tracked") {
  Tree tree;
  const Repository repository{tree, "/app"};
  const std::string alone = tree.file("/alone");
  const TrackedFiles found = tracked_in({repository.paths[0], repository.paths[1], alone});
  CHECK(answers(found, repository.paths) == known);
  CHECK(found.by_path.at(repository.paths[0]).work_tree == tree.at("/app"));
  CHECK(found.by_path.at(alone).is_tracked == Answer::no);
  CHECK(found.gaps.empty());
}

TEST_CASE("what is beyond the bounds is unknown, and one gap says of how many") {
  Tree tree;
  std::vector<std::string> paths;
  for (const char* below : {"/a", "/b", "/c", "/d"}) {
    for (const std::string& path : Repository{tree, below}.paths) paths.push_back(path);
  }
  const std::uint64_t size = index_of("tracked").size();
  for (const GitBounds& bounds :
       {GitBounds{.work_trees = 2}, GitBounds{.bytes = 3 * size - 1},
        GitBounds{.work_trees_of_user = 2}, GitBounds{.bytes_of_user = 3 * size - 1}}) {
    const TrackedFiles found = tracked_in(paths, bounds);
    CHECK(answers(found, {paths[2], paths[3]}) == known);
    CHECK(answers(found, {paths[4], paths[5]}) == unknown);
    CHECK(answers(found, {paths[6], paths[7]}) == unknown);
    REQUIRE(found.gaps.size() == 1);
    CHECK(found.gaps[0].path == tree.at("/c/.git"));
    CHECK(found.gaps[0].why.find("nor in 1 more") != std::string::npos);
  }
}

TEST_CASE("a user's repositories do not keep root's from being asked") {
  if (geteuid() != 0) return;
  Tree tree;
  std::vector<std::string> paths;
  for (const char* below : {"/a", "/b", "/c"}) {
    for (const std::string& path : Repository{tree, below, alice}.paths) paths.push_back(path);
  }
  const Repository roots{tree, "/z"};
  paths.insert(paths.end(), roots.paths.begin(), roots.paths.end());
  CHECK(answers(tracked_in(paths, {.work_trees = 1}), roots.paths) == known);
  const TrackedFiles found = tracked_in(paths, {.work_trees_of_user = 1});
  CHECK(answers(found, roots.paths) == known);
  CHECK(answers(found, {paths[0], paths[1]}) == known);
  CHECK(answers(found, {paths[2], paths[3]}) == unknown);
}

TEST_CASE("an index that claims to be huge is not read") {
  Tree tree;
  const Repository repository{tree, "/app"};
  REQUIRE(truncate(tree.at("/app/.git/index").c_str(), 65 << 20) == 0);
  const TrackedFiles found = tracked_in(repository.paths);
  CHECK(answers(found, repository.paths) == unknown);
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].why.find("larger than 64 MiB") != std::string::npos);
}

TEST_CASE("what several users put into one repository is looked up together") {
  Tree tree;
  const Repository repository{tree, "/app"};
  std::vector<AskedFile> files{{.path = repository.paths[0], .uid = alice},
                               {.path = repository.paths[1], .uid = 0}};
  const Result<Opener> opener = Opener::at("");
  REQUIRE(opener);
  const TrackedFiles found = tracked_files(*opener, files, [](std::uint32_t) { return 65534U; });
  CHECK(answers(found, repository.paths) == known);
}

TEST_CASE("a .git that is not followed is one all the same") {
  if (geteuid() != 0) return;
  Tree tree;
  const Repository repository{tree, "/app"};
  tree.directory("/clone", alice);
  const std::vector<std::string> paths{tree.file("/clone/tracked", alice)};
  tree.link(tree.at("/app/.git"), "/clone/.git", alice);
  const TrackedFiles found = tracked_in(paths);
  CHECK(answers(found, paths) == std::vector<Answer>{Answer::unknown});
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].path == tree.at("/clone/.git"));
}

TEST_CASE("what takes too long to find is unknown, and one gap says of how many files") {
  Tree tree;
  const Repository alices{tree, "/a"};
  const TrackedFiles found =
      tracked_in(alices.paths, {.patience_with_user = std::chrono::milliseconds{0}}, alice);
  CHECK(answers(found, alices.paths) == unknown);
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].path == alices.paths[0]);
  CHECK(found.gaps[0].why.find("nor of 1 more file") != std::string::npos);
}

}  // namespace
}  // namespace cfwarden
