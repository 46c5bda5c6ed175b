// The paths that a definition or a script names, wherever they stand in it: what may be used by
// commands that nothing here understands. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct NamedPath {
  enum class Form {
    whole,  // "/etc/cloudflared/token".
    begin,  // What a pattern or a variable goes on from: "/etc/cloudflared/" of
            // "/etc/cloudflared/*.json".
    end,    // What stands behind a variable, "/token" of "$D/token"; and "/token" of a bare
            // "token" where the text changes its directory.
  };
  std::string path;  // A whole one without "." and "..", repeated and closing slashes.
  Form form = Form::whole;
  std::size_t line = 0;  // 1-based.
};

// Without comments, and without the settings of a unit that systemd itself acts upon, as root:
// LoadCredential=, EnvironmentFile=, ReadOnlyPaths=, ConditionPathExists= and their kin. Bounded.
std::vector<NamedPath> paths_named_in(std::string_view text);

// Whether it names a program that runs others as somebody else: su, sudo, setpriv, chpst...
bool may_change_user(std::string_view text);

}  // namespace cfwarden
