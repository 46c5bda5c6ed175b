// /etc/cfwarden/cfwarden.toml, the user's own one (never as root) and the files beside them.
//
// Promises  a file that is not root's (or the caller's), or that others can write, is refused; an
//           unknown key is an error that names file and line. As root nothing but /etc is read.
//           What is absent from /etc is fine, and so is what only root may read there when the
//           caller is not root: it steers root's audits. See trusted_file.h.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct Settings {
  std::vector<std::string> places;    // More files and directories.
  std::vector<std::string> excludes;  // Globs.
  std::string fail_on;                // "" when not set.
  std::string color;                  // "" when not set.
  std::string profile;                // "" when not set.
  std::string file;                   // Where it came from; "" for none.
};

// /etc/cfwarden/cfwarden.toml, laid over it the user's own (never as root: $XDG_CONFIG_HOME or
// ~/.config, cfwarden/cfwarden.toml), and over both the file of --config, `named`, which must be
// there unless "". Lists add up; a single value of the upper file wins.
enum class SettingsScope { host, named_only };  // named_only: no file but `named`.
Result<Settings> read_settings(const std::string& named, SettingsScope scope = SettingsScope::host);

// Pure: the text of a cfwarden.toml. `file` is for errors, which read "FILE:LINE: what is wrong".
Result<Settings> parse_settings(std::string_view text, const std::string& file);

struct NamedBytes {
  std::string file;
  std::string bytes;
};
// Every *.json of a rules directory but hidden ones, sorted. `directory` "" is
// /etc/cfwarden/rules.d, which may be absent; a named one may not. Refused when it, or a file in
// it, is not trustworthy.
Result<std::vector<NamedBytes>> read_rule_files(const std::string& directory);

// The same of a directory of exceptions, and of /etc/cfwarden/exceptions.d. How many there are to
// be is bounded, as of rules: 1000 of 256 KiB.
Result<std::vector<NamedBytes>> read_exception_files(const std::string& directory);
std::string exceptions_directory(const std::string& directory);

// profiles/NAME.json beside those rules; nothing where there is none. `name` is one that
// is_profile_name() has agreed to.
Result<std::optional<NamedBytes>> read_profile_file(const std::string& rules,
                                                    const std::string& name);

// /etc/cfwarden/fingerprint.key (at least 16 bytes, at most 4096, 0600, root's), byte for byte; an
// empty Secret when there is none.
Result<Secret> read_fingerprint_key();

}  // namespace cfwarden
