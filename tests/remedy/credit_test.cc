#include "cfwarden/remedy/credit.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <string>

namespace cfwarden {
namespace {

using namespace small_host;

const std::string directory = "/srv/cloudflared";
const std::string token = "/srv/cloudflared/token";

// A credential below an open directory, and a plan that gives that another mode.
struct Scenery {
  Scenery(unsigned directory_mode, unsigned file_mode, unsigned mode_after) {
    host.directory(directory, {.mode = directory_mode});
    host.credential(token, {.mode = file_mode});
    Change change;
    change.path = directory;
    change.type = FileType::directory;
    change.id = host.object(directory).id;
    change.after.permissions.mode = mode_after;
    plan.changes.push_back(change);
  }

  bool credits(const std::string& rule) {
    const Finding finding = host.finding(rule, "owner-only", host.subjects.front());
    return credit_directory(plan, finding, host.facts(token), host.accounts);
  }

  SmallHost host;
  Plan plan;
};

}  // namespace

TEST_CASE(
    "that others can replace a file is mended by the directory that nobody else can write in") {
  Scenery scene{0777, 0600, 0755};
  CHECK(scene.credits("replaceable-by-others"));
  REQUIRE(scene.plan.changes.front().mends.size() == 1);
  CHECK(scene.plan.changes.front().mends.front().rule == "replaceable-by-others");
  CHECK(scene.credits("replaceable-by-others"));  // Once more: it is noted once.
  CHECK(scene.plan.changes.front().mends.size() == 1);
}

TEST_CASE("a directory that others can still write in mends nothing of writers") {
  Scenery scene{0777, 0600, 0775};
  scene.plan.changes.front().after.permissions.gid = ssl;
  CHECK_FALSE(scene.credits("replaceable-by-others"));
  CHECK(scene.plan.changes.front().mends.empty());
}

TEST_CASE("that others can read a file is mended by a directory that lets in fewer") {
  Scenery closed{0755, 0644, 0700};
  CHECK(closed.credits("readable-by-everyone"));
  Scenery open{0777, 0644, 0755};
  CHECK_FALSE(open.credits("readable-by-everyone"));
}

TEST_CASE("where no directory above is changed nothing is credited") {
  Scenery scene{0777, 0600, 0755};
  scene.plan.changes.front().id = {.device = 9, .inode = 9};
  CHECK_FALSE(scene.credits("replaceable-by-others"));
}

}  // namespace cfwarden
