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
         takes_env_file(file_name, "");
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
