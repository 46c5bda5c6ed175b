#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/compose_project.h"
#include "cfwarden/needs/compose_service.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/docker.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/text_variables.h"
#include "cfwarden/needs/tree.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

class ProjectReader {
 public:
  ProjectReader(const ServiceHost& host, const ComposeFiles& files, Starts& starts)
      : host_{host}, files_{files}, starts_{starts} {
    // Branches point into them: all are read before the first is looked into.
    for (const ServiceText* file : files_) trees_.push_back(tree_of(file->text));
  }

  void read() {
    const Account* account = account_at(host_, main().path);
    project_.file = &main();
    project_.home = account != nullptr ? account->home : "/root";
    for (std::size_t i = 0; i < files_.size(); ++i) read_file(*files_[i], trees_[i]);
    TextVariables variables = read_variables();
    for (const auto& [name, service] : services_) {
      read_compose_service(host_, project_, service, variables, starts_);
    }
  }

 private:
  const ServiceText& main() const { return *files_.front(); }

  void read_file(const ServiceText& file, const Tree& tree) {
    const bool names_it = file.text.find("cloudflared") != std::string::npos;
    if (!tree.problem.empty() && names_it) add_gap(file.path, tree.problem, starts_);
    project_.files.push_back(file.path);
    const Branch root = tree.root();
    declare(root["volumes"], project_.volumes);
    declare(root["secrets"], project_.secrets);
    declare(root["configs"], project_.configs);
    for (const Branch& service : root["services"].children()) {
      services_.try_emplace(service.key(), service.key()).first->second.add(service);
    }
    if (names_it && root["services"].is(BranchType::alias)) {
      add_gap(file.path, "services is an alias, which is not followed", starts_);
    }
    want_included(file, root["include"]);
  }

  static void declare(const Branch& branch, ComposeProject::Declarations& declarations) {
    for (const Branch& item : branch.children()) declarations[std::string{item.key()}] = item;
  }

  // Each is a project of its own, as far as its name shows that it is one.
  void want_included(const ServiceText& file, const Branch& include) {
    const bool is_list = include.is(BranchType::sequence);
    for (const Branch& entry : is_list ? include.children() : std::vector<Branch>{include}) {
      const Branch path = entry.is(BranchType::mapping) ? entry["path"] : entry;
      if (is_compose_name(file_name_of(path.text()))) {
        (void)named_text(host_, file, lexical_path(directory_of(file.path), path.text()), starts_);
      } else if (path.text().find("cloudflared") != std::string_view::npos) {
        add_gap(file.path, "line " + std::to_string(path.line()) + ": include is not followed",
                starts_);
      }
    }
  }

  TextVariables read_variables() {
    KnownVariables known;
    const std::string path = lexical_path(directory_of(main().path), ".env");
    const bool may_take_it = std::ranges::any_of(files_, [](const ServiceText* file) {
      return file->text.find('$') != std::string::npos ||
             file->text.find("environment") != std::string::npos;
    });
    const ServiceText* env = may_take_it ? named_text(host_, main(), path, starts_) : nullptr;
    if (env != nullptr && env->text.size() <= max_env_file_bytes) {
      project_.env_file = path;
      for (EnvFileLine& line : compose_env_file(env->text)) {
        if (line.value) known[std::move(line.name)] = std::move(*line.value);
      }
    }
    return TextVariables{std::move(known), budget_, secret_placeholder};
  }

  const ServiceHost& host_;
  const ComposeFiles& files_;
  Starts& starts_;
  std::vector<Tree> trees_;
  ComposeProject project_;
  ExpansionBudget budget_;
  std::map<std::string_view, ComposeService> services_;
};

// The starts of Docker's containers by the Compose service and file that they are of.
class ContainersOfServices {
 public:
  ContainersOfServices(const ServiceHost& host, std::span<const ComposedContainer> containers,
                       Starts& starts)
      : host_{host} {
    std::map<std::string_view, Start*> by_file;
    for (Start& start : starts.all) {
      if (start.source == StartSource::docker) by_file[start.file] = &start;
    }
    for (const ComposedContainer& container : containers) {
      const auto start = by_file.find(container.file);
      if (start == by_file.end()) continue;
      for (const std::string& file : container.compose_files) {
        found_[{container.service, file}].push_back({start->second, container.owner});
      }
    }
  }

  // The container of a service is what runs: the service's files become its own.
  bool tell(const Start& composed) {
    const auto found = found_.find({composed.who, composed.file});
    const ServiceText* text = find_text(host_, composed.file);
    if (found == found_.end() || text == nullptr) return false;
    bool is_told = false;
    for (const Container& container : found->second) {
      // Otherwise a user's container could make away with what another's file says.
      if (container.owner != 0 && container.owner != text->owner) continue;
      is_told = true;
      std::vector<std::string>& files = container.start->files;
      // What a user wrote is no part of what root's container is made of.
      const bool belongs = text->owner == container.owner || text->owner == 0;
      if (belongs && files.size() < max_files) {
        files.insert(files.end(), composed.files.begin(), composed.files.end());
      }
    }
    return is_told;
  }

 private:
  struct Container {
    Start* start = nullptr;
    std::uint32_t owner = 0;
  };
  static constexpr std::size_t max_files = 32;

  const ServiceHost& host_;
  std::map<std::pair<std::string_view, std::string_view>, std::vector<Container>> found_;
};

}  // namespace

void read_compose(const ServiceHost& host, Starts& starts) {
  const auto containers = composed_containers(host);
  Starts composed;
  for (const ComposeFiles& files : compose_projects(host, containers)) {
    ProjectReader{host, files, composed}.read();
  }
  std::vector<Start> untold;
  ContainersOfServices of_services{host, containers, starts};
  for (Start& start : composed.all) {
    if (!of_services.tell(start)) untold.push_back(std::move(start));
  }
  for (Start& start : untold) add_start(std::move(start), starts);
  for (const std::string& path : composed.wanted) want(path, starts);
  for (const Gap& gap : composed.gaps) add_gap(gap.path, gap.why, starts);
}

}  // namespace cfwarden
