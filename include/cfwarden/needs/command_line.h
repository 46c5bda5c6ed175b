// What a command line makes of cloudflared. Pure.
//
// Promises  sees through what wraps a command: paths, renamed binaries (by cloudflared's own words
//           and flags), env, exec, nice, sudo -u, su -c, runuser, setpriv, chpst, s6-setuidgid,
//           timeout, sh -c and their kin, nested to a bounded depth.
#pragma once

#include "cfwarden/model/start.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct EnvironmentVariable {
  std::string name;
  std::string value;  // The placeholder for a secret.
  // "" because it comes from where it cannot be seen: `$(cat FILE)`, another variable.
  bool is_unknown = false;
};

struct CommandLine {
  Invocation invocation;  // Variables are folded in: a flag beats its variable.
  // What a wrapper changed; "" where none did.
  std::string user;
  std::string group;
  std::string working_directory;
  // A variable that may hold a token or credentials is given, and its value is not known.
  bool environment_elsewhere = false;
  // Each holds one file for each variable: of chpst -e, envdir and s6-envdir. As they stand there.
  std::vector<std::string> environment_directories;
};

// nullopt when this does not run cloudflared. `argv` is split already; `environment` is what the
// process is given, the last of several of a name wins.
std::optional<CommandLine> command_line_of(std::span<const std::string> argv,
                                           std::span<const EnvironmentVariable> environment);

// The script that the command runs where it is none of cloudflared's own:
// "/usr/local/bin/tunnel.sh" of `sh /usr/local/bin/tunnel.sh`; "" for none. It may be a program.
std::string script_of(std::span<const std::string> argv);

}  // namespace cfwarden
