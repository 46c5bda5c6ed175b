#include "cfwarden/needs/compose_project.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view override_mark = ".override";

bool is_override(std::string_view file_name) {
  return file_name.substr(0, file_name.rfind('.')).ends_with(override_mark);
}

// docker-compose.override.yml, of docker-compose.yml.
const ServiceText* override_of(const ServiceHost& host, const ServiceText& base) {
  const std::string_view path = base.path;
  const std::string stem{path.substr(0, path.rfind('.'))};
  for (const char* ending : {".override.yml", ".override.yaml"}) {
    const ServiceText* found = find_text(host, stem + ending);
    if (found != nullptr && found->owner == base.owner) return found;
  }
  return nullptr;
}

class Projects {
 public:
  explicit Projects(const ServiceHost& host) : host_{host} {}

  void add_labelled(const ComposedContainer& container) {
    ComposeFiles files;
    for (const std::string& path : container.compose_files) {
      const ServiceText* file = find_text(host_, path);
      if (file == nullptr) continue;
      const bool may_name_it = container.owner == 0 || container.owner == file->owner;
      // Files of several owners are not one project of anybody's.
      const bool belongs = files.empty() || file->owner == files[0]->owner;
      if (may_name_it && belongs) files.push_back(file);
    }
    add(std::move(files));
  }

  void add_with_override(const ServiceText& base) {
    if (taken_.contains(&base)) return;
    const ServiceText* over = override_of(host_, base);
    add(over != nullptr ? ComposeFiles{&base, over} : ComposeFiles{&base});
  }

  std::vector<ComposeFiles> all() && { return std::move(all_); }

 private:
  void add(ComposeFiles&& files) {
    if (files.empty() || !known_.insert(files).second) return;
    taken_.insert(files.begin(), files.end());
    all_.push_back(std::move(files));
  }

  const ServiceHost& host_;
  std::set<ComposeFiles> known_;
  std::set<const ServiceText*> taken_;
  std::vector<ComposeFiles> all_;
};

}  // namespace

bool is_compose_name(std::string_view file_name) {
  const bool is_yaml = file_name.ends_with(".yml") || file_name.ends_with(".yaml");
  return is_yaml && (file_name.starts_with("compose") || file_name.starts_with("docker-compose"));
}

std::vector<ComposeFiles> compose_projects(const ServiceHost& host,
                                           std::span<const ComposedContainer> containers) {
  Projects projects{host};
  for (const ComposedContainer& container : containers) projects.add_labelled(container);
  // An override comes with the file that it is for; alone it is read last.
  for (const bool overrides : {false, true}) {
    for (const ServiceText& text : host.texts) {
      const std::string_view name = file_name_of(text.path);
      if (!is_compose_name(name) || !text.link_target.empty()) continue;
      if (is_override(name) == overrides) projects.add_with_override(text);
    }
  }
  return std::move(projects).all();
}

Branch ComposeService::operator[](std::string_view key) const {
  Branch found;
  for (const Branch& part : parts_) {
    if (const Branch value = part[key]; value.is_set()) found = value;
  }
  return found;
}

std::vector<Branch> ComposeService::all(std::string_view key) const {
  std::vector<Branch> found;
  for (const Branch& part : parts_) {
    if (const Branch value = part[key]; value.is_set()) found.push_back(value);
  }
  return found;
}

}  // namespace cfwarden
