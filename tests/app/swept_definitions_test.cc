#include "cfwarden/app/swept_definitions.h"

#include <doctest/doctest.h>
#include <algorithm>

using namespace cfwarden;

namespace {

Subject found_in(std::string path, std::string carrier) {
  Subject subject;
  subject.type = SubjectType::credential;
  subject.place = PlaceKind::argument;
  subject.path = std::move(path);
  subject.carrier = std::move(carrier);
  return subject;
}

bool holds(const std::vector<std::string>& paths, std::string_view path) {
  return std::ranges::find(paths, path) != paths.end();
}

}  // namespace

TEST_CASE("a Compose file beside a credential or above it may use it") {
  const auto paths = paths_of_definitions({found_in("/srv/app/secrets/token", "whole-file")});
  CHECK(holds(paths, "/srv/app/secrets/compose.yml"));
  CHECK(holds(paths, "/srv/app/docker-compose.yaml"));
  CHECK_FALSE(holds(paths, "/srv/compose.yml"));
  CHECK(std::ranges::is_sorted(paths));
}

TEST_CASE("a definition that was found is one, whatever its name") {
  CHECK(holds(paths_of_definitions({found_in("/srv/pod.yml", "kubernetes-manifest")}),
              "/srv/pod.yml"));
  CHECK_FALSE(holds(paths_of_definitions({found_in("/srv/notes", "other")}), "/srv/notes"));
}

TEST_CASE("neither a process nor what stands in an archive has a directory of its own") {
  Subject process = found_in("/proc/12/cmdline", "process");
  process.place = PlaceKind::service;
  Subject packed = found_in("/srv/old.tgz", "compose");
  packed.member = "app/compose.yml";
  CHECK(paths_of_definitions({process, packed}).empty());
}
