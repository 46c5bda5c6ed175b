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
#include <map>
#include <utility>

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
    project_.volumes.add(root["volumes"]);
    project_.secrets.add(root["secrets"]);
    project_.configs.add(root["configs"]);
    for (const Branch& service : root["services"].children()) {
      services_.try_emplace(service.key(), service.key()).first->second.add(service);
    }
    if (names_it && root["services"].is(BranchType::alias)) {
      add_gap(file.path, "services is an alias, which is not followed", starts_);
    }
    want_included(file, root["include"]);
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
    if (env != nullptr) {
      project_.env_file = path;
      for (EnvFileLine& line : compose_env_file(env->text)) {
        if (line.value) known[std::move(line.name)] = std::move(*line.value);
      }
    }
    return TextVariables{std::move(known), secret_placeholder};
  }

  const ServiceHost& host_;
  const ComposeFiles& files_;
  Starts& starts_;
  std::vector<Tree> trees_;
  ComposeProject project_;
  std::map<std::string_view, ComposeService> services_;
};

bool is_same(const Start& composed, const ComposedContainer& container) {
  return composed.who == container.service &&
         std::ranges::any_of(composed.files, [&container](const std::string& file) {
           return std::ranges::find(container.compose_files, file) != container.compose_files.end();
         });
}

// The container of a service is what runs: the service's files become its own, and true is said.
bool is_told_by_container(const Start& composed, const std::vector<ComposedContainer>& containers,
                          Starts& starts) {
  bool is_told = false;
  for (const ComposedContainer& container : containers) {
    if (!is_same(composed, container)) continue;
    const auto found = std::ranges::find_if(starts.all, [&container](const Start& start) {
      return start.source == StartSource::docker && start.file == container.file;
    });
    if (found == starts.all.end()) continue;
    found->files.insert(found->files.end(), composed.files.begin(), composed.files.end());
    is_told = true;
  }
  return is_told;
}

}  // namespace

void read_compose(const ServiceHost& host, Starts& starts) {
  Starts composed;
  for (const ComposeFiles& files : compose_projects(host)) {
    ProjectReader{host, files, composed}.read();
  }
  const auto containers = composed_containers(host);
  for (Start& start : composed.all) {
    if (!is_told_by_container(start, containers, starts)) add_start(std::move(start), starts);
  }
  for (const std::string& path : composed.wanted) want(path, starts);
  for (const Gap& gap : composed.gaps) add_gap(gap.path, gap.why, starts);
}

}  // namespace cfwarden
