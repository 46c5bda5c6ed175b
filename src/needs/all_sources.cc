#include "cfwarden/needs/all_sources.h"

#include "cfwarden/needs/definition_texts.h"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>

namespace cfwarden {
namespace {

constexpr std::array sources{
    DefinitionSource{.name = "systemd",
                     .summary = "Services of the system and of users, with drop-ins and templates.",
                     .read = read_systemd},
    DefinitionSource{
        .name = "quadlet", .summary = "Podman's .container units.", .read = read_quadlets},
    DefinitionSource{
        .name = "openrc", .summary = "OpenRC's scripts and their conf.d.", .read = read_openrc},
    DefinitionSource{
        .name = "sysv", .summary = "System V init scripts and their sysconfig.", .read = read_sysv},
    DefinitionSource{
        .name = "supervisord", .summary = "Programs of supervisord.", .read = read_supervisord},
    DefinitionSource{
        .name = "run-script", .summary = "Run scripts of s6 and runit.", .read = read_run_scripts},
    DefinitionSource{.name = "cron", .summary = "Lines of crontabs.", .read = read_crontabs},
    DefinitionSource{
        .name = "docker", .summary = "Containers that Docker keeps.", .read = read_docker},
    DefinitionSource{
        .name = "podman", .summary = "Containers that Podman keeps.", .read = read_podman},
    DefinitionSource{
        .name = "compose", .summary = "Services of Compose files.", .read = read_compose},
    DefinitionSource{.name = "kubernetes",
                     .summary = "Pods and workloads of Kubernetes manifests.",
                     .read = read_kubernetes},
    DefinitionSource{.name = "process", .summary = "Running processes.", .read = read_processes},
};

bool is_users(const ServiceHost& host, const Start& start) {
  if (start.manager_uid && *start.manager_uid != 0) return true;
  return std::ranges::any_of(start.files, [&](const std::string& path) {
    const ServiceText* text = find_text(host, path);
    return text != nullptr && text->owner != 0;
  });
}

// Whatever has no room for all of them cuts off the end: that must not be root's.
void put_roots_first(const ServiceHost& host, std::vector<Start>& starts) {
  std::stable_partition(starts.begin(), starts.end(),
                        [&](const Start& start) { return !is_users(host, start); });
}

}  // namespace

std::span<const DefinitionSource> all_definition_sources() {
  return sources;
}

Starts starts_of(const ServiceHost& host) {
  Starts starts;
  for (const DefinitionSource& source : sources) source.read(host, starts);
  const auto key = [](const Start& start) { return std::tie(start.who, start.file, start.line); };
  std::ranges::stable_sort(starts.all, std::less{}, key);
  put_roots_first(host, starts.all);
  if (starts.all.size() > max_starts) {
    starts.all.resize(max_starts);
    starts.gaps.push_back({"",
                           "more than 1,024 ways in which cloudflared is started; the others "
                           "were left out"});
  }
  std::ranges::sort(starts.wanted);
  starts.wanted.erase(std::unique(starts.wanted.begin(), starts.wanted.end()), starts.wanted.end());
  return starts;
}

}  // namespace cfwarden
