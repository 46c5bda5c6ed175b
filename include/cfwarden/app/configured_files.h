// Which files a cloudflared configuration leads to, by cloudflared's own rules. Pure.
//
// `~` is expanded in credentials-file (unless `tunnel` is a name) and origincert, never in
// token-file. A relative path is taken from the directory that cloudflared is started in, which its
// own service files leave at "/"; for a configuration in a home it is that home. A token beats a
// token file, and both beat credentials, of which those in the configuration beat a file. Who
// really starts it is not known here: see needs/resolve.h for that.
#pragma once

#include "cfwarden/carriers/carrier.h"
#include "cfwarden/host/examine.h"
#include "cfwarden/model/accounts.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ConfiguredFile {
  std::string key;
  std::string path;  // Absolute.
  std::size_t line = 0;
  bool effective = true;     // cloudflared would open it: nothing that beats it is set.
  bool is_relative = false;  // Taken from the working directory, which is a guess.
  bool is_log = false;       // A log file or directory, not a credential.
};

struct Starter {
  std::string home;               // Of the account that runs cloudflared with this configuration.
  std::string working_directory;  // Absolute.
  bool has_inline_token = false;  // The configuration holds `token`.
  bool has_inline_credentials = false;  // It holds `credentials-contents`.
};

// Who runs cloudflared with the configuration at `path`: the account in whose home it lies, else
// root.
Starter starter_of(std::string_view path, const Examination& configuration,
                   const Accounts& accounts);

std::vector<ConfiguredFile> configured_files(std::span<const Pointer> pointers,
                                             const Starter& starter);

}  // namespace cfwarden
