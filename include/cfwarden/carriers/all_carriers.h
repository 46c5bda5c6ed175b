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

bool takes_whole_file(std::string_view file_name, std::string_view bytes);
Unwrapped unwrap_whole_file(std::string_view file_name, std::string_view bytes);

}  // namespace cfwarden
