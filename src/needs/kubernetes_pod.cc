#include "cfwarden/needs/kubernetes_pod.h"

#include "cfwarden/needs/container_command.h"
#include "cfwarden/needs/container_mounts.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

bool names_cloudflared(const Branch& branch) {
  return branch.text().find("cloudflared") != std::string_view::npos;
}

// Paths of the node by the names of volumes; "" for what a cluster fills: secrets, claims...
using PodVolumes = std::map<std::string_view, std::string>;

PodVolumes volumes_of(const Branch& spec) {
  PodVolumes volumes;
  for (const Branch& volume : spec["volumes"].children()) {
    const std::string_view path = volume.at({"hostPath", "path"}).text();
    volumes[volume["name"].text()] = path.starts_with('/') ? lexical_path("/", path) : "";
  }
  return volumes;
}

class ContainerReader {
 public:
  ContainerReader(const PodDefinition& pod, const PodVolumes& volumes, const Branch& container,
                  Starts& starts)
      : pod_{pod},
        volumes_{volumes},
        container_{container},
        starts_{starts},
        variables_{{}, *pod.budget} {}

  void read() {
    start_.source = StartSource::kubernetes;
    start_.who = pod_.name.empty() ? std::string{container_["name"].text()} : pod_.name;
    start_.file = pod_.file->path;
    start_.line = line_of_command();
    start_.files = {pod_.file->path};
    start_.is_enabled = pod_.is_static;
    read_definition();
    const ContainerRuns runs = read_container(definition_, start_);
    const bool is_ours = runs != ContainerRuns::something_else ||
                         names_cloudflared(container_["name"]) ||
                         names_cloudflared(container_["image"]);
    if (is_ours) add_gaps(runs);
    if (runs == ContainerRuns::cloudflared) finish();
  }

 private:
  std::size_t line_of_command() const {
    for (const char* key : {"args", "command", "image"}) {
      const Branch value = container_[key];
      const auto items = value.children();
      if (value.is_set()) return items.empty() ? value.line() : items.front().line();
    }
    return container_.line();
  }

  void read_definition() {
    definition_.image = container_["image"].text();
    definition_.working_directory = container_["workingDir"].text();
    // Both kinds of source are the cluster's; what they bring is not listed.
    start_.environment_elsewhere = container_["envFrom"].is_set();
    for (const Branch& variable : container_["env"].children()) read_variable(variable);
    definition_.entrypoint = words_of(container_["command"]);
    definition_.command = words_of(container_["args"]);
    definition_.user = user_text();
  }

  // Of a value from elsewhere it is known that it is there; an optional one may not be.
  void read_variable(const Branch& variable) {
    const std::string name{variable["name"].text()};
    const bool is_given = variable["valueFrom"].is_set() || variable.is(BranchType::alias);
    start_.environment_elsewhere = start_.environment_elsewhere || is_given;
    if (name.empty()) return;
    const std::string value = is_given ? std::string{secret_placeholder}
                                       : variables_.as_kubernetes(variable["value"].text());
    variables_.set(name, value);
    definition_.environment.push_back({.name = name, .value = value});
  }

  std::optional<std::vector<std::string>> words_of(const Branch& branch) {
    std::vector<std::string> words = branch.texts();
    for (std::string& word : words) word = variables_.as_kubernetes(word);
    if (words.empty()) return std::nullopt;
    return words;
  }

  // The container's own beats the pod's.
  std::string_view security(std::string_view key) const {
    const Branch own = container_.at({"securityContext", key});
    return own.is_set() ? own.text() : pod_.spec.at({"securityContext", key}).text();
  }

  std::string user_text() const {
    const std::string group{security("runAsGroup")};
    return std::string{security("runAsUser")} + (group.empty() ? "" : ":" + group);
  }

  void finish() {
    clear_unknown_paths(start_.invocation);
    const Branch context = pod_.spec["securityContext"];
    start_.run_as.more_groups = context["supplementalGroups"].texts();
    if (context["fsGroup"].is_set()) {
      start_.run_as.more_groups.emplace_back(context["fsGroup"].text());
    }
    const Branch own = container_["securityContext"];
    start_.run_as.loses_capabilities = own["privileged"].text() != "true" &&
                                       loses_capabilities(own.at({"capabilities", "drop"}).texts(),
                                                          own.at({"capabilities", "add"}).texts());
    add_mounts();
    add_start(std::move(start_), starts_);
  }

  void add_mounts() {
    ContainerMounts mounts;
    for (const Branch& mount : container_["volumeMounts"].children()) {
      const auto volume = volumes_.find(mount["name"].text());
      const bool is_known = volume != volumes_.end() && !volume->second.empty();
      const std::string sub_path = variables_.as_kubernetes(mount["subPath"].text());
      const bool is_here = is_known && !mount["subPathExpr"].is_set();
      mounts.add(mount["mountPath"].text(),
                 is_here ? lexical_path("/", volume->second + "/" + sub_path) : "");
    }
    mounts.give_to(start_, starts_);
  }

  void add_gaps(ContainerRuns runs) {
    constexpr std::array keys{"<<",      "image",        "command", "args",
                              "envFrom", "volumeMounts", "env",     "securityContext"};
    for (const char* key : keys) {
      const Branch value = container_[key];
      const auto items = value.children();
      const bool has_alias =
          value.is(BranchType::alias) || (value.is_set() && value.key() == "<<") ||
          std::ranges::any_of(items, [](const Branch& item) { return item.is(BranchType::alias); });
      if (has_alias) add_gap_at(value, "holds an alias, which is not followed");
    }
    const bool is_unknown = runs == ContainerRuns::unknown;
    if (is_unknown) add_gap_at(container_["image"], "the command of this image is not known");
  }

  void add_gap_at(const Branch& where, const char* why) {
    add_gap(pod_.file->path, "line " + std::to_string(where.line()) + ": " + why, starts_);
  }

  const PodDefinition& pod_;
  const PodVolumes& volumes_;
  const Branch& container_;
  Starts& starts_;
  TextVariables variables_;
  ContainerDefinition definition_;
  Start start_;
};

}  // namespace

void read_pod(const PodDefinition& pod, Starts& starts) {
  const PodVolumes volumes = volumes_of(pod.spec);
  for (const char* key : {"initContainers", "containers"}) {
    for (const Branch& container : pod.spec[key].children()) {
      ContainerReader{pod, volumes, container, starts}.read();
    }
  }
}

}  // namespace cfwarden
