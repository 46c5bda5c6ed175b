#include "cfwarden/carriers/all_carriers.h"

#include <array>
#include <iterator>
#include <utility>

namespace cfwarden {
namespace {

// The first row that takes a file unwraps it: what is told by its bytes before what is told by its
// name, and whole-file, which takes everything, last.
constexpr std::array carriers{
    Carrier{.name = "vim-swap",
            .summary = "The text in a swap file that Vim left behind.",
            .takes = takes_vim_swap,
            .unwrap = unwrap_vim_swap},
    Carrier{.name = "cloudflared-config",
            .summary = "A key of cloudflared's config.yml.",
            .takes = takes_cloudflared_config,
            .unwrap = unwrap_cloudflared_config},
    Carrier{.name = "process",
            .summary = "An argument or a variable of a running process.",
            .takes = takes_process,
            .unwrap = unwrap_process},
    Carrier{.name = "container-state",
            .summary = "What Docker or an OCI runtime keeps of a container.",
            .takes = takes_container_state,
            .unwrap = unwrap_container_state},
    Carrier{.name = "kubernetes-manifest",
            .summary = "A Secret, ConfigMap or pod of Kubernetes.",
            .takes = takes_kubernetes_manifest,
            .unwrap = unwrap_kubernetes_manifest},
    Carrier{.name = "compose",
            .summary = "A service of a Compose file.",
            .takes = takes_compose,
            .unwrap = unwrap_compose},
    Carrier{.name = "systemd-unit",
            .summary = "A unit of systemd, a drop-in of one, or a quadlet of Podman.",
            .takes = takes_systemd_unit,
            .unwrap = unwrap_systemd_unit},
    Carrier{.name = "supervisor-config",
            .summary = "A program of supervisord.",
            .takes = takes_supervisor_config,
            .unwrap = unwrap_supervisor_config},
    Carrier{.name = "init-script",
            .summary = "A script that starts a service, or the command line it is given.",
            .takes = takes_init_script,
            .unwrap = unwrap_init_script},
    Carrier{.name = "crontab",
            .summary = "A line of a crontab.",
            .takes = takes_crontab,
            .unwrap = unwrap_crontab},
    Carrier{.name = "env-file",
            .summary = "A NAME=value line of an environment file.",
            .takes = takes_env_file,
            .unwrap = unwrap_env_file},
    Carrier{.name = "whole-file",
            .summary = "The file itself is the credential.",
            .takes = takes_whole_file,
            .unwrap = unwrap_whole_file},
};

}  // namespace

std::span<const Carrier> all_carriers() {
  return carriers;
}

bool may_be_configuration(std::string_view file_name) {
  return file_name.ends_with(".yml") || file_name.ends_with(".yaml") ||
         file_name == "config.json" || file_name == "config.v2.json" || file_name == "cmdline" ||
         file_name == "environ" || takes_env_file(file_name, "");
}

Unwrapped unwrap(std::string_view file_name, std::string_view bytes) {
  for (const Carrier& carrier : carriers) {
    if (!carrier.takes(file_name, bytes)) continue;
    Unwrapped unwrapped = carrier.unwrap(file_name, bytes);
    if (unwrapped.excerpts.empty() && carrier.unwrap != unwrap_whole_file) {
      unwrapped.excerpts = unwrap_whole_file(file_name, bytes).excerpts;
    }
    return unwrapped;
  }
  return {};
}

}  // namespace cfwarden
