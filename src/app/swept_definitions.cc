#include "cfwarden/app/swept_definitions.h"

#include "cfwarden/app/exclusion.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_directories = 4096;

constexpr std::array<std::string_view, 6> compose_names{
    "compose.yml",         "compose.yaml",         "docker-compose.yml",
    "docker-compose.yaml", "compose.override.yml", "docker-compose.override.yml"};

bool is_definition(const Subject& subject) {
  constexpr std::array<std::string_view, 3> carriers{"compose", "kubernetes-manifest",
                                                     "systemd-unit"};
  return std::ranges::find(carriers, subject.carrier) != carriers.end();
}

bool is_on_disk(const Subject& subject) {
  return subject.type == SubjectType::credential && subject.place != PlaceKind::service &&
         subject.member.empty();
}

}  // namespace

std::vector<std::string> paths_of_definitions(const std::vector<Subject>& subjects) {
  std::set<std::string> paths;
  std::set<std::string> directories;
  for (const Subject& subject : subjects) {
    if (!is_on_disk(subject)) continue;
    if (is_definition(subject)) paths.insert(subject.path);
    const std::string directory{directory_of(subject.path)};
    if (directories.size() >= max_directories) continue;
    directories.insert(directory);
    directories.insert(std::string{directory_of(directory)});
  }
  for (const std::string& directory : directories) {
    const std::string begin = directory == "/" ? directory : directory + "/";
    for (const std::string_view name : compose_names) paths.insert(begin + std::string{name});
  }
  return {paths.begin(), paths.end()};
}

void take_swept_definitions(Look& look, const Opener& opener,
                            const std::vector<std::string>& excludes) {
  for (const std::string& path : paths_of_definitions(look.subjects)) {
    if (is_excluded(path, excludes)) continue;
    Result<Opened> opened = opener.open(path);
    if (opened) look.add_service_file(std::move(*opened), ServiceRole::possible, std::nullopt);
  }
  look.run();
}

}  // namespace cfwarden
