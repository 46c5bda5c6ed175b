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
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// What the process finds at a path.
enum class Sight {
  absent,
  hidden,  // A directory above it cannot be searched by the process.
  directory,
  blank,       // A file with nothing but white space in it.
  unreadable,  // It is there, and the process cannot open it.
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
  std::function<Configuration(const std::string& path)> configuration;  // Of a readable file.
  // Whether a credentials file holds a TunnelID.
  std::function<bool(const std::string& path)> has_tunnel_id;
};

struct NeededFile {
  std::string path;  // As the process sees it.
  NeedOf what = NeedOf::token_file;
  Sight sight = Sight::readable;
};

struct Resolution {
  std::vector<NeededFile> files;  // What it would open, a configuration first.
  // Whether there is a secret to run with: readable, unreadable or inline. unknown: inside an image
  // or in a cluster.
  enum class Outcome { found, nothing, unknown, needs_none } outcome = Outcome::found;
  std::vector<std::string> tried;  // Every path in order, as the process sees it; for `nothing`.
  std::string missing;  // For `nothing`, what is missing: "tunnel credentials of 6f1b2c3d-...".
  bool runs_by_name = false;  // So that it needs the account certificate.
};

// `home` is what `~` stands for ("" when unknown); a working directory is in the Start.
Resolution resolve(const Start& start, const std::string& home, const HostView& host);

}  // namespace cfwarden
