// /etc/cfwarden/cfwarden.toml, the user's own one (never as root) and the files beside them.
//
// Promises  a file that is not root's (or the caller's), or that others can write, is refused; an
//           unknown key is an error that names file and line. As root nothing but /etc is read.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct Settings {
  std::vector<std::string> places;    // More files and directories.
  std::vector<std::string> excludes;  // Globs.
  std::string fail_on;                // "" when not set.
  std::string color;                  // "" when not set.
  std::string file;                   // Where it came from; "" for none.
};

// `named`: the file of --config, or "" for the standard places.
Result<Settings> read_settings(const std::string& named);

// Pure: the text of a cfwarden.toml. `file` is for errors.
Result<Settings> parse_settings(std::string_view text, const std::string& file);

struct NamedBytes {
  std::string file;
  std::string bytes;
};
// Every *.json of a rules directory, sorted; an absent directory has none. `directory` "" is
// /etc/cfwarden/rules.d. Refused when it, or a file in it, is not trustworthy.
Result<std::vector<NamedBytes>> read_rule_files(const std::string& directory);

// /etc/cfwarden/fingerprint.key (at least 16 bytes, 0600, root's); an empty Secret when there is
// none.
Result<Secret> read_fingerprint_key();

}  // namespace cfwarden
