#include "cfwarden/remedy/inspected.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using namespace small_host;

// A plan's input over a small host, that counts what is asked.
class Asking {
 public:
  explicit Asking(const SmallHost& host)
      : input{.subjects = host.subjects,
              .report = host.report,
              .accounts = host.accounts,
              .wishes = host.wishes,
              .inspect = [this, &host](
                             const std::string& path) -> std::variant<Circumstances, std::string> {
                asked.push_back(path);
                const auto why = host.unreachable.find(path);
                if (why != host.unreachable.end()) return why->second;
                return host.circumstances(path);
              },
              .steps = {}} {}
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  std::vector<std::string> asked;
  PlanInput input;
};

MendedObject object_with(const std::string& path, const Finding& finding) {
  MendedObject object;
  object.path = path;
  object.findings = {&finding};
  return object;
}

}  // namespace

TEST_CASE("an object is asked for once, and one that cannot be reached says why") {
  SmallHost host;
  host.file("/etc/token", {.mode = 0644});
  host.unreachable["/etc/gone"] = "no such file";
  Asking asking{host};
  Inspected inspected{asking.input};
  REQUIRE(inspected.reached("/etc/token") != nullptr);
  CHECK(inspected.reached("/etc/token") == inspected.reached("/etc/token"));
  CHECK(inspected.reached("/etc/gone") == nullptr);
  CHECK(std::get<std::string>(inspected.at("/etc/gone")) == "no such file");
  CHECK(asking.asked == std::vector<std::string>{"/etc/token", "/etc/gone"});
}

TEST_CASE("commands get the root that is audited, but not the host's own") {
  SmallHost host;
  host.file("/etc/token", {.mode = 0644});
  for (const char* root : {"/", "/mnt"}) {
    CAPTURE(root);
    host.report.root = root;
    Asking asking{host};
    Inspected inspected{asking.input};
    const std::string prefix = inspected.reached("/etc/token")->root_prefix;
    CHECK(prefix == (std::string{root} == "/" ? "" : root));
  }
}

TEST_CASE("one inode by two paths is one object, two names of a file are two") {
  SmallHost host;
  host.file("/etc/token", {.mode = 0644});
  host.file("/srv/token", {.mode = 0644});
  host.object("/srv/token").id = host.object("/etc/token").id;
  const Finding finding;
  for (const std::uint64_t links : {1U, 2U}) {
    CAPTURE(links);
    host.object("/etc/token").links = links;
    host.object("/srv/token").links = links;
    Asking asking{host};
    Inspected inspected{asking.input};
    std::vector<MendedObject> objects{object_with("/etc/token", finding),
                                      object_with("/srv/token", finding)};
    merge_names_of_one_inode(objects, inspected);
    REQUIRE(objects.size() == (links == 1 ? 1 : 2));
    CHECK(objects.front().path == "/etc/token");
    CHECK(objects.front().findings.size() == (links == 1 ? 2 : 1));
  }
}

TEST_CASE("a default directory above, that others can write in, is closed first") {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0777});
  host.file("/etc/cloudflared/token", {.mode = 0644});
  host.directory("/srv/open", {.mode = 0777});
  host.file("/srv/open/token", {.mode = 0644});
  const Finding finding;
  Asking asking{host};
  Inspected inspected{asking.input};
  std::vector<MendedObject> objects{object_with("/etc/cloudflared/token", finding),
                                    object_with("/srv/open/token", finding)};
  add_directories_to_close_first(objects, inspected, asking.input);
  REQUIRE(objects.size() == 3);
  CHECK(objects.back().path == "/etc/cloudflared");
  CHECK(objects.back().closes_first);
  CHECK(objects.back().is_directory);
}

TEST_CASE("above what is only in the way no directory is closed") {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0777});
  host.file("/etc/cloudflared/token", {.mode = 0644});
  Asking asking{host};
  Inspected inspected{asking.input};
  std::vector<MendedObject> objects(1);
  objects.front().path = "/etc/cloudflared/token";
  add_directories_to_close_first(objects, inspected, asking.input);
  CHECK(objects.size() == 1);
}

}  // namespace cfwarden
