// From a Start to the very files that cloudflared would open, by its own search order. Pure: what
// the host holds is asked through a HostView.
//
// Source    cloudflared 2026.8.2, as observed: precedence of flag or variable token, `token` of the
//           configuration, token file, then credentials by tunnel id; see rules in resolve.cc.
#pragma once

#include "cfwarden/model/need.h"
#include "cfwarden/model/pointer.h"
#include "cfwarden/model/start.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// What the process finds at a path; links are followed.
enum class Sight {
  absent,  // For everybody, behind a closed directory too.
  hidden,  // A file is there, and a directory above it cannot be searched by the process.
  directory,
  blank,       // A file with nothing but white space in it.
  unreadable,  // A file is there, and the process cannot open it.
  readable,
  unknown,  // Inside an image, or it could not be looked at.
};

// What a config.yml holds that matters here.
struct Configuration {
  std::vector<Pointer> pointers;
  bool has_token = false;        // `token`, not empty.
  bool has_credentials = false;  // `credentials-contents`.
  bool is_valid = true;          // cloudflared would take it.
};

struct HostView {
  // `path` is as the process sees it, absolute.
  std::function<Sight(const std::string& path)> look;
  // Of a file that is there, whether or not the process can read it: what a service that cannot
  // read its configuration would go on to need is worth knowing. nullopt where the audit cannot
  // read it either.
  std::function<std::optional<Configuration>(const std::string& path)> configuration;
  // Whether a credentials file, readable by the process, holds a TunnelID.
  std::function<bool(const std::string& path)> has_tunnel_id;
};

struct NeededFile {
  std::string path;  // As the process sees it.
  NeedOf what = NeedOf::token_file;
  // Never absent or a directory. hidden and unreadable: it opens it in vain.
  Sight sight = Sight::readable;
};

struct Resolution {
  // What it would open, a configuration first. For `nothing` also what it passes over because it
  // cannot read it: there lies what it lacks.
  std::vector<NeededFile> files;
  // Whether there is a secret to run with: readable, unreadable or inline. unknown: inside an image
  // or in a cluster.
  enum class Outcome { found, nothing, unknown, needs_none } outcome = Outcome::found;
  // Where the secret stands that it runs with: in the definition's own files (Start.files), in the
  // configuration, or in the last of `files`. `none` unless it was found.
  enum class Secret { none, definition, configuration, file } secret = Secret::none;
  std::vector<std::string> tried;  // Every path in order, as the process sees it; for `nothing`.
  // For `nothing`, what is missing: "tunnel credentials of 6f1b2c3d-...". No hostile bytes.
  std::string missing;
  bool runs_by_name = false;  // So that it needs the account certificate.
  // Where it would look for the credentials of a tunnel of which only the name is known: any
  // <UUID>.json in these directories may be the one.
  std::vector<std::string> may_lie_in;
};

// `home` is what `~` stands for ("" when unknown); a working directory is in the Start.
Resolution resolve(const Start& start, const std::string& home, const HostView& host);

}  // namespace cfwarden
