#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/kubernetes_pod.h"
#include "cfwarden/needs/tree.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

// Whatever lies here is started by the kubelet, or by k3s and its kin.
constexpr std::array<std::string_view, 6> manifest_directories{
    "/etc/kubernetes/manifests",
    "/etc/kubelet.d",
    "/var/lib/rancher/k3s/server/manifests",
    "/var/lib/rancher/k3s/agent/pod-manifests",
    "/var/lib/rancher/rke2/server/manifests",
    "/var/lib/rancher/rke2/agent/pod-manifests",
};

bool is_static(std::string_view path) {
  return std::ranges::any_of(manifest_directories, [path](std::string_view directory) {
    return lies_in(path, directory);
  });
}

bool is_manifest(const ServiceText& text) {
  constexpr std::array<std::string_view, 3> endings{".yml", ".yaml", ".json"};
  const bool is_named_so = std::ranges::any_of(
      endings, [&text](std::string_view ending) { return text.path.ends_with(ending); });
  const bool may_hold_pods = text.text.find("apiVersion") != std::string::npos &&
                             text.text.find("ontainers") != std::string::npos;
  return text.link_target.empty() && may_hold_pods && (is_named_so || is_static(text.path));
}

// Absent for what holds no pod.
Branch pod_spec_of(const Branch& document) {
  const std::string_view kind = document["kind"].text();
  if (kind == "Pod") return document["spec"];
  if (kind == "CronJob") {
    return document.at({"spec", "jobTemplate", "spec", "template", "spec"});
  }
  constexpr std::array<std::string_view, 6> workloads{
      "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "ReplicationController"};
  const bool is_workload = std::ranges::find(workloads, kind) != workloads.end();
  return is_workload ? document.at({"spec", "template", "spec"}) : Branch{};
}

void read_document(const ServiceText& text, const Branch& document, ExpansionBudget& budget,
                   Starts& starts) {
  if (!document["apiVersion"].is_set()) return;
  const Branch name = document.at({"metadata", "name"});
  const Branch generated = document.at({"metadata", "generateName"});
  const PodDefinition pod{.file = &text,
                          .name = std::string{name.is_set() ? name.text() : generated.text()},
                          .spec = pod_spec_of(document),
                          .is_static = is_static(text.path),
                          .budget = &budget};
  if (pod.spec.is(BranchType::mapping)) read_pod(pod, starts);
}

void read_manifest(const ServiceText& text, Starts& starts) {
  const Tree tree = tree_of(text.text);
  // A template of Helm's is no manifest yet.
  const bool is_template = text.text.find("{{") != std::string::npos;
  const bool names_it = text.text.find("cloudflared") != std::string::npos;
  if (!tree.problem.empty() && names_it && !is_template) add_gap(text.path, tree.problem, starts);
  ExpansionBudget budget;
  for (const Branch& document : tree.documents()) {
    read_document(text, document, budget, starts);
    if (document["kind"].text() != "List") continue;
    for (const Branch& item : document["items"].children())
      read_document(text, item, budget, starts);
  }
}

}  // namespace

void read_kubernetes(const ServiceHost& host, Starts& starts) {
  for (const ServiceText& text : host.texts) {
    if (is_manifest(text)) read_manifest(text, starts);
  }
}

}  // namespace cfwarden
