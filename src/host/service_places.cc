#include "cfwarden/host/service_places.h"

#include "cfwarden/base/path.h"

#include <algorithm>
#include <array>
#include <set>

namespace cfwarden {
namespace {

bool takes_all(std::string_view /*below*/) {
  return true;
}

bool is_in_drop_ins(std::string_view below, std::string_view of) {
  const std::string_view directory = directory_of(below);
  return directory.ends_with(".d") && directory.substr(0, directory.size() - 2).ends_with(of) &&
         below.ends_with(".conf");
}

// Units, their drop-ins, and the links that enable them.
bool takes_unit(std::string_view below) {
  return below.ends_with(".service") || is_in_drop_ins(below, ".service") ||
         is_in_drop_ins(below, "service");
}

bool takes_quadlet(std::string_view below) {
  return below.ends_with(".container") || is_in_drop_ins(below, ".container");
}

bool takes_supervised(std::string_view below) {
  return below.ends_with(".conf") || below.ends_with(".ini");
}

bool takes_run_script(std::string_view below) {
  const std::string_view name = file_name_of(below);
  return name == "run" || name == "down" || below.find('/') == below.npos;
}

bool takes_docker(std::string_view below) {
  const std::string_view name = file_name_of(below);
  return name == "config.v2.json" || name == "hostconfig.json";
}

bool takes_podman(std::string_view below) {
  return below == "containers.json" || below.ends_with("/userdata/config.json");
}

bool takes_manifest(std::string_view below) {
  return below.ends_with(".yaml") || below.ends_with(".yml") || below.ends_with(".json");
}

bool takes_start_link(std::string_view below) {
  return below.size() > 3 && below.front() == 'S';
}

bool takes_invocation(std::string_view below) {
  return below.starts_with("invocation:") && below.ends_with(".service");
}

struct Row {
  std::string_view path;
  std::size_t depth = 1;
  bool (*takes)(std::string_view below) = takes_all;
  ServiceRole role = ServiceRole::possible;
  bool only_links = false;
  bool is_roots = false;
};

// What lies below one directory stands together: where that is absent, it is looked for once.
constexpr std::array system_rows{
    Row{.path = "/etc/systemd/system.control", .depth = 2, .takes = takes_unit},
    Row{.path = "/etc/systemd/system", .depth = 2, .takes = takes_unit},
    Row{.path = "/etc/systemd/user", .depth = 2, .takes = takes_unit},
    Row{.path = "/etc/containers/systemd", .depth = 4, .takes = takes_quadlet},
    Row{.path = "/etc/init.d"},
    Row{.path = "/etc/rc.d/init.d"},
    Row{.path = "/etc/rc.local", .depth = 0},
    Row{.path = "/etc/rc.d/rc.local", .depth = 0},
    Row{.path = "/etc/local.d"},
    Row{.path = "/etc/supervisord.conf", .depth = 0},
    Row{.path = "/etc/supervisor", .depth = 2, .takes = takes_supervised},
    Row{.path = "/etc/supervisord.d", .takes = takes_supervised},
    Row{.path = "/etc/supervisor.d", .takes = takes_supervised},
    Row{.path = "/etc/sv", .depth = 2, .takes = takes_run_script},
    Row{.path = "/etc/runit/sv", .depth = 2, .takes = takes_run_script},
    Row{.path = "/etc/service", .depth = 2, .takes = takes_run_script},
    Row{.path = "/etc/services.d", .depth = 2, .takes = takes_run_script},
    Row{.path = "/etc/s6", .depth = 3, .takes = takes_run_script},
    Row{.path = "/etc/s6-overlay/s6-rc.d", .depth = 2, .takes = takes_run_script},
    Row{.path = "/etc/crontab", .depth = 0},
    Row{.path = "/etc/cron.d"},
    Row{.path = "/etc/crontabs", .is_roots = true},
    Row{.path = "/etc/docker/daemon.json", .depth = 0, .role = ServiceRole::part},
    Row{.path = "/etc/kubernetes/manifests", .takes = takes_manifest, .is_roots = true},
    Row{.path = "/etc/kubelet.d", .takes = takes_manifest, .is_roots = true},
    Row{.path = "/etc/runlevels", .depth = 2, .only_links = true},
    Row{.path = "/etc/rc2.d", .takes = takes_start_link, .only_links = true},
    Row{.path = "/etc/rc3.d", .takes = takes_start_link, .only_links = true},
    Row{.path = "/etc/rc4.d", .takes = takes_start_link, .only_links = true},
    Row{.path = "/etc/rc5.d", .takes = takes_start_link, .only_links = true},
    Row{.path = "/etc/rc.d", .takes = takes_start_link, .only_links = true},
    Row{.path = "/etc/rc.d/rc3.d", .takes = takes_start_link, .only_links = true},
    Row{.path = "/etc/rc.d/rc5.d", .takes = takes_start_link, .only_links = true},
    Row{.path = "/run/systemd/system.control", .depth = 2, .takes = takes_unit},
    Row{.path = "/run/systemd/transient", .depth = 2, .takes = takes_unit},
    Row{.path = "/run/systemd/generator.early", .depth = 2, .takes = takes_unit},
    Row{.path = "/run/systemd/system", .depth = 2, .takes = takes_unit},
    Row{.path = "/run/systemd/generator", .depth = 2, .takes = takes_unit},
    Row{.path = "/run/systemd/generator.late", .depth = 2, .takes = takes_unit},
    Row{.path = "/run/systemd/user", .depth = 2, .takes = takes_unit},
    Row{.path = "/run/containers/systemd", .depth = 2, .takes = takes_quadlet},
    Row{.path = "/run/service", .depth = 2, .takes = takes_run_script},
    Row{.path = "/run/systemd/units", .takes = takes_invocation, .only_links = true},
    Row{.path = "/usr/local/lib/systemd/system", .depth = 2, .takes = takes_unit},
    Row{.path = "/usr/lib/systemd/system", .depth = 2, .takes = takes_unit},
    Row{.path = "/usr/local/lib/systemd/user", .depth = 2, .takes = takes_unit},
    Row{.path = "/usr/lib/systemd/user", .depth = 2, .takes = takes_unit},
    Row{.path = "/usr/share/containers/systemd", .depth = 2, .takes = takes_quadlet},
    Row{.path = "/lib/systemd/system", .depth = 2, .takes = takes_unit},
    Row{.path = "/lib/systemd/user", .depth = 2, .takes = takes_unit},
    Row{.path = "/var/service", .depth = 2, .takes = takes_run_script},
    Row{.path = "/var/spool/cron", .depth = 2, .is_roots = true},
    Row{.path = "/var/lib/docker/containers", .depth = 2, .takes = takes_docker, .is_roots = true},
    Row{.path = "/var/lib/containers/storage/overlay-containers",
        .depth = 3,
        .takes = takes_podman,
        .is_roots = true},
    Row{.path = "/var/lib/rancher/k3s/server/manifests",
        .depth = 2,
        .takes = takes_manifest,
        .is_roots = true},
    Row{.path = "/var/lib/rancher/rke2/server/manifests",
        .depth = 2,
        .takes = takes_manifest,
        .is_roots = true},
    Row{.path = "/var/lib/rancher/k3s/agent/pod-manifests",
        .takes = takes_manifest,
        .is_roots = true},
    Row{.path = "/var/lib/rancher/rke2/agent/pod-manifests",
        .takes = takes_manifest,
        .is_roots = true},
    Row{.path = "/service", .depth = 2, .takes = takes_run_script},
};

constexpr std::array home_rows{
    Row{.path = "/.config/systemd/user", .depth = 2, .takes = takes_unit},
    Row{.path = "/.config/containers/systemd", .depth = 2, .takes = takes_quadlet},
    Row{.path = "/.local/share/systemd/user", .depth = 2, .takes = takes_unit},
    Row{.path = "/.local/share/docker/containers", .depth = 2, .takes = takes_docker},
    Row{.path = "/.local/share/containers/storage/overlay-containers",
        .depth = 3,
        .takes = takes_podman},
};

ServicePlace place_of(const Row& row, const std::string& above) {
  return {.path = above + std::string{row.path},
          .depth = row.depth,
          .takes = row.takes,
          .role = row.role,
          .only_links = row.only_links,
          .is_roots = row.is_roots};
}

std::set<std::string> homes_of(const Accounts& accounts, const Caller& caller) {
  std::set<std::string> homes;
  if (!caller.sees_all_homes) {
    homes.insert(caller.home);
  } else {
    for (const Account& account : accounts.users) homes.insert(account.home);
  }
  std::erase_if(homes, [](const std::string& home) {
    return home.size() < 2 || !home.starts_with('/') || home == "/nonexistent";
  });
  return homes;
}

}  // namespace

std::vector<ServicePlace> service_places(
    const Accounts& accounts, const Caller& caller,
    const std::function<bool(std::string_view above, std::string_view below)>& may_exist) {
  std::vector<ServicePlace> places;
  for (const Row& row : system_rows) {
    if (may_exist("", row.path)) places.push_back(place_of(row, ""));
  }
  for (const std::string& home : homes_of(accounts, caller)) {
    for (const Row& row : home_rows) {
      if (may_exist(home, row.path)) places.push_back(place_of(row, home));
    }
  }
  return places;
}

bool is_definition_name(std::string_view file_name) {
  const bool is_yaml = file_name.ends_with(".yml") || file_name.ends_with(".yaml");
  const bool is_compose =
      file_name.starts_with("compose") || file_name.starts_with("docker-compose");
  return (is_yaml && is_compose) || file_name.ends_with(".service") ||
         file_name.ends_with(".container");
}

}  // namespace cfwarden
