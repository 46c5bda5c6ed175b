// The functions behind the rows of all_carriers().
#pragma once

#include "cfwarden/carriers/carrier.h"

#include <string_view>

namespace cfwarden {

// config.yml, config.yaml, and other *.yml and *.yaml that hold a key of cloudflared's own. Secrets
// are taken from every duplicate and document, since all of them lie there; pointers from the first
// document, the last duplicate winning. Aliases and merges in what is read are a problem.
bool takes_cloudflared_config(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_cloudflared_config(std::string_view file_name, std::string_view bytes);

// NAME=value lines of a shell, systemd, Docker or dotenv: .env, .env.*, *.env, and any file that
// assigns one of cloudflared's TUNNEL_ variables.
bool takes_env_file(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_env_file(std::string_view file_name, std::string_view bytes);

// A swap file of Vim on a 64-bit little-endian machine: the text it holds is unwrapped under the
// name of the file that was edited.
bool takes_vim_swap(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_vim_swap(std::string_view file_name, std::string_view bytes);

// The next ones are told by their bytes, and find all that service_excerpts() finds.

// /proc/PID/cmdline and environ, under those names. No lines.
bool takes_process(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_process(std::string_view file_name, std::string_view bytes);

// Units, their drop-ins, and Podman's quadlets: the first line is one of their sections.
bool takes_systemd_unit(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_systemd_unit(std::string_view file_name, std::string_view bytes);

bool takes_supervisor_config(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_supervisor_config(std::string_view file_name, std::string_view bytes);

bool takes_compose(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_compose(std::string_view file_name, std::string_view bytes);

// YAML or JSON with an apiVersion and a kind; what a Secret has in base64 is decoded once.
bool takes_kubernetes_manifest(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_kubernetes_manifest(std::string_view file_name, std::string_view bytes);

// Docker's config.v2.json and the config.json of an OCI runtime.
bool takes_container_state(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_container_state(std::string_view file_name, std::string_view bytes);

// A line of it begins with a schedule.
bool takes_crontab(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_crontab(std::string_view file_name, std::string_view bytes);

// Scripts that name their interpreter, and variables that hold a command line, as OpenRC's conf.d.
bool takes_init_script(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_init_script(std::string_view file_name, std::string_view bytes);

bool takes_whole_file(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_whole_file(std::string_view file_name, std::string_view bytes);

}  // namespace cfwarden
