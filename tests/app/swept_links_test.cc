#include "cfwarden/app/swept_links.h"

#include "../host/tree.h"
#include "cfwarden/host/invented.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <unistd.h>

namespace cfwarden {
namespace {

const std::string uuid = "6f1b2c3d-1111-4222-8333-444455556666";
const std::string no_root;

// A token with two names, of which the sweep is told that it came by the second.
class Linked {
 public:
  Linked() {
    tree_.directory("/a");
    tree_.directory("/z");
    second_ = tree_.file("/z/token", 0, 0600, invented_token(uuid, invented_secret("links")));
    first_ = tree_.at("/a/token");
    request_.options.paths = {tree_.at("/z")};
    const std::string elsewhere = tree_.at("/elsewhere");
    REQUIRE(link(second_.c_str(), elsewhere.c_str()) == 0);
    Result<ContentSweep> swept = sweep_contents(request_);
    REQUIRE(swept);
    swept_ = std::move(*swept);
    REQUIRE(unlink(elsewhere.c_str()) == 0);
    REQUIRE(link(second_.c_str(), first_.c_str()) == 0);
    request_.options.paths = {tree_.path()};
  }

  Result<KnownNames> take() {
    Result<Opener> opener = Opener::at(no_root);
    REQUIRE(opener);
    return take_names(swept_, request_, {.opener = *opener, .root = no_root});
  }

  Tree tree_;
  std::string first_, second_;
  ContentSweepRequest request_;
  ContentSweep swept_;
};

TEST_CASE("a file is told under the first of its names, and all of them are known") {
  Linked linked;
  REQUIRE(linked.swept_.found.size() == 1);
  const FileId id = linked.swept_.found[0].id;
  CHECK(linked.swept_.found[0].path == linked.second_);
  const Result<KnownNames> names = linked.take();
  REQUIRE(names);
  REQUIRE(linked.swept_.found.size() == 1);
  CHECK(linked.swept_.found[0].path == linked.first_);
  CHECK(names->are_all);
  REQUIRE(names->by_file.contains(id));
  CHECK(names->by_file.at(id) == std::vector<std::string>{linked.first_, linked.second_});
  CHECK(linked.swept_.gaps.empty());
  CHECK_FALSE(linked.swept_.stopped);
}

TEST_CASE("what the look for names missed is a gap, told once") {
  Linked linked;
  const std::string missing = linked.tree_.at("/missing");
  linked.request_.options.paths.push_back(missing);
  for (int round = 0; round < 2; ++round) {
    REQUIRE(linked.take());
    CHECK(std::ranges::count(linked.swept_.gaps, missing, &Gap::path) == 1);
  }
}

TEST_CASE("a sweep that is stopped while it looks for names was stopped") {
  Linked linked;
  linked.request_.is_interrupted = [] { return true; };
  const Result<KnownNames> names = linked.take();
  REQUIRE(names);
  CHECK_FALSE(names->are_all);
  CHECK(linked.swept_.stopped);
  CHECK(linked.swept_.found.size() == 1);
}

}  // namespace
}  // namespace cfwarden
