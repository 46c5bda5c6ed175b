#include "cfwarden/needs/docker.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/container_command.h"
#include "cfwarden/needs/container_mounts.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/tree.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

bool is_container_file(const ServiceText& text) {
  return text.link_target.empty() && file_name_of(text.path) == "config.v2.json";
}

std::string beside(const ServiceText& text, std::string_view name) {
  return lexical_path(directory_of(text.path), name);
}

// Entrypoints and commands of old versions may be one text.
std::vector<std::string> words_of(const Branch& branch) {
  if (branch.is(BranchType::text)) return {std::string{branch.text()}};
  return branch.texts();
}

// Path and Args are what is run, the image's own words included.
std::vector<std::string> argv_of(const Branch& root) {
  std::vector<std::string> argv;
  const bool has_path = !root["Path"].text().empty();
  if (has_path) argv.emplace_back(root["Path"].text());
  if (!has_path) argv = words_of(root.at({"Config", "Entrypoint"}));
  for (std::string& word : words_of(has_path ? root["Args"] : root.at({"Config", "Cmd"}))) {
    argv.push_back(std::move(word));
  }
  return argv;
}

ContainerDefinition definition_of(const Branch& root) {
  const Branch config = root["Config"];
  ContainerDefinition definition;
  definition.image = config["Image"].text();
  definition.entrypoint = argv_of(root);
  definition.user = config["User"].text();
  definition.working_directory = config["WorkingDir"].text();
  for (const std::string& assignment : config["Env"].texts()) {
    definition.environment.push_back(variable_of(assignment));
  }
  return definition;
}

void add_mount_points(const Branch& points, ContainerMounts& mounts) {
  for (const Branch& point : points.children()) {
    const Branch destination = point["Destination"];
    const std::string_view inside = destination.is_set() ? destination.text() : point.key();
    mounts.add(inside, point["Source"].text());
  }
}

// "/etc/cloudflared:/etc/cloudflared:ro", "volume:/data".
void add_binds(const Branch& binds, ContainerMounts& mounts) {
  for (const std::string& bind : binds.texts()) {
    const std::size_t colon = bind.find(':');
    if (colon == bind.npos) continue;
    const std::string inside = bind.substr(colon + 1, bind.find(':', colon + 1) - colon - 1);
    if (!mounts.has(inside)) mounts.add(inside, bind.substr(0, colon));
  }
}

void add_mounts(const Branch& root, const Branch& host_config, Start& start, Starts& starts) {
  ContainerMounts mounts;
  add_mount_points(root["MountPoints"], mounts);
  add_binds(host_config["Binds"], mounts);
  for (const Branch& tmpfs : host_config["Tmpfs"].children()) mounts.add(tmpfs.key(), "");
  if (root["SecretReferences"].is_set()) mounts.add("/run/secrets", "");
  mounts.give_to(start, starts);
}

bool restarts(const Branch& root, const Branch& host_config) {
  const std::string_view policy = host_config.at({"RestartPolicy", "Name"}).text();
  if (policy == "unless-stopped") return root["HasBeenManuallyStopped"].text() != "true";
  return !policy.empty() && policy != "no";
}

std::string name_of(const Branch& root, const ServiceText& text) {
  std::string_view name = root["Name"].text();
  if (name.starts_with('/')) name.remove_prefix(1);
  if (name.empty()) name = file_name_of(directory_of(text.path)).substr(0, 12);
  return std::string{name};
}

std::vector<std::string> compose_files_of(const Branch& labels) {
  const std::string_view directory = labels["com.docker.compose.project.working_dir"].text();
  std::string_view names = labels["com.docker.compose.project.config_files"].text();
  std::vector<std::string> files;
  while (!names.empty() && files.size() < 16) {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    if (!name.empty()) files.push_back(lexical_path(directory, name));
  }
  return files;
}

void read_container_file(const ServiceHost& host, const ServiceText& text, Starts& starts) {
  const Tree tree = tree_of_json(text.text);
  const bool names_it = text.text.find("cloudflared") != std::string::npos;
  if (!tree.problem.empty() && names_it) add_gap(text.path, tree.problem, starts);
  const Branch root = tree.root();
  Start start{.source = StartSource::docker, .who = name_of(root, text), .file = text.path};
  if (read_container(definition_of(root), start) != ContainerRuns::cloudflared) return;

  start.files = {text.path};
  const ServiceText* beside_it = named_text(host, text, beside(text, "hostconfig.json"), starts);
  const Tree host_tree = tree_of_json(beside_it != nullptr ? beside_it->text : "{}");
  const Branch host_config = host_tree.root();
  if (beside_it != nullptr) start.files.push_back(beside_it->path);
  start.run_as.more_groups = host_config["GroupAdd"].texts();
  start.run_as.loses_capabilities =
      host_config["Privileged"].text() != "true" &&
      loses_capabilities(host_config["CapDrop"].texts(), host_config["CapAdd"].texts());
  add_mounts(root, host_config, start, starts);
  start.is_enabled = restarts(root, host_config);
  start.is_active = root.at({"State", "Running"}).text() == "true";
  shift_docker_ids(host, text, std::string{host_config["UsernsMode"].text()}, start, starts);
  for (const std::string& file : compose_files_of(root.at({"Config", "Labels"}))) {
    (void)named_text(host, text, file, starts);  // Only to have it read.
  }
  add_start(std::move(start), starts);
}

}  // namespace

void read_docker(const ServiceHost& host, Starts& starts) {
  const std::string root = docker_root(host, starts);
  if (!root.empty()) want(lexical_path(root, "containers/*/config.v2.json"), starts);
  for (const ServiceText& text : host.texts) {
    if (is_container_file(text)) read_container_file(host, text, starts);
  }
}

std::vector<ComposedContainer> composed_containers(const ServiceHost& host) {
  std::vector<ComposedContainer> all;
  for (const ServiceText& text : host.texts) {
    if (!is_container_file(text) || text.text.find("com.docker.compose") == std::string::npos) {
      continue;
    }
    const Tree tree = tree_of_json(text.text);
    const Branch labels = tree.root().at({"Config", "Labels"});
    ComposedContainer& added = all.emplace_back();
    added.file = text.path;
    added.owner = text.owner;
    added.service = labels["com.docker.compose.service"].text();
    added.compose_files = compose_files_of(labels);
  }
  return all;
}

}  // namespace cfwarden
