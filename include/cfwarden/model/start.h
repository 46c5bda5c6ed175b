// One way in which cloudflared is started here: by a unit, a script, a container, or a running
// process. What a definition says, before anything is looked up on the host.
//
// Every text is hostile: whoever wrote the definition chose it. None holds a secret: definitions
// are read with their secrets taken out (carriers/service_text.h), so that of a token only its
// presence is known here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

enum class StartSource {
  systemd,
  openrc,
  sysv,
  supervisord,
  s6,
  runit,
  cron,
  docker,
  podman,
  compose,
  kubernetes,
  process,
};

// What cloudflared is told on its command line and by its variables. "" where it is not told.
struct Invocation {
  enum class Mode {
    run,      // `tunnel run`, or a token: one tunnel, by token, id or name.
    classic,  // Before named tunnels: no `run`; needs the account certificate.
    quick,    // `tunnel --url`, `--hello-world`: a throw-away tunnel that needs nothing.
    manage,   // `tunnel list`, `tail`...: no tunnel, with the account certificate.
    other,    // Anything that runs no tunnel: access, login, version...
  };
  Mode mode = Mode::other;
  std::string config;                       // --config.
  std::string origin_certificate;           // --origincert, TUNNEL_ORIGIN_CERT.
  std::string credentials_file;             // --credentials-file, --cred-file, TUNNEL_CRED_FILE.
  std::string token_file;                   // --token-file, TUNNEL_TOKEN_FILE.
  std::string tunnel;                       // The id or name behind `run`.
  bool token_in_arguments = false;          // --token T.
  bool token_in_environment = false;        // A TUNNEL_TOKEN that is not empty.
  bool credentials_in_environment = false;  // TUNNEL_CRED_CONTENTS, --credentials-contents.

  bool has_token() const { return token_in_arguments || token_in_environment; }
};

// As whom it runs; names or decimal ids as the definition has them, "" where it has none.
struct RunAs {
  std::string user;   // "": root; for a user's own manager or crontab, that user.
  std::string group;  // "": the user's primary group.
  std::vector<std::string> more_groups;
  bool dynamic = false;  // systemd's DynamicUser: a uid that owns nothing before.
  // By the names of capabilities: CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH though not root.
  bool reads_everything = false;
  bool loses_capabilities = false;  // Root without either of them: an ordinary owner.
};

// A directory or file of the host that the starter sees under another path. Absolute paths.
struct Mount {
  std::string inside;
  std::string outside;
};

// A path that is hidden from the starter, and what hides it: "ProtectHome=yes".
struct HiddenPath {
  std::string path;
  std::string by;
};

// LoadCredential=ID:PATH: the service manager reads `source` as root and lays it out for the
// service as `seen_as`. Of several with one `seen_as` the first counts whose source exists.
struct LoadedCredential {
  std::string seen_as;  // "/run/credentials/cloudflared.service/token".
  std::string source;   // Absolute; "" where it is not a plain file (encrypted, inline, a socket).
};

// Of a user namespace: inside id + base is the id outside.
struct IdShift {
  std::uint32_t uid_base = 0;
  std::uint32_t gid_base = 0;
};

struct Start {
  StartSource source = StartSource::systemd;
  // The unit with its instance; the service's name for OpenRC, sysv, runit, s6, supervisord;
  // "cron:FILE"; the container, compose service or pod; "process:PID".
  std::string who;
  std::string file;      // Where it is defined; of several the main one.
  std::size_t line = 0;  // 1-based, of the command; 0 where there is none.
  // Every file that the definition is put together from, `file` included: drop-ins, environment
  // files, scripts. A token in the command or the environment stands in one of them.
  std::vector<std::string> files;
  // Of these the scripts that it runs, and what they take in, where they are run as whom it runs:
  // nobody else reads them for it.
  std::vector<std::string> read_as_runner;

  // Of a user's own service manager. Whoever that is chooses which of the host's units it runs, and
  // under which names: the start is theirs, whoever wrote its files.
  std::optional<std::uint32_t> manager_uid;

  Invocation invocation;
  RunAs run_as;
  std::string home;               // "": that of the account it runs as.
  std::string working_directory;  // "": "/".
  std::vector<Mount> mounts;
  std::vector<HiddenPath> hidden;
  // Paths inside that are filled from elsewhere: a cluster's secret, a named volume, an image.
  std::vector<std::string> elsewhere;
  // Variables are filled from elsewhere (a cluster's secret, the shell of whoever runs it), and may
  // hold a token that no file of this host has.
  bool environment_elsewhere = false;
  std::vector<LoadedCredential> loaded;
  std::string root_directory;  // "" for none: what the starter sees as "/".
  // A container sees only its mounts; the rest is an image, which is not looked into. Of the
  // official image it is known that it holds no credential.
  bool is_container = false;
  bool is_official_image = false;
  std::optional<IdShift> id_shift;

  bool is_enabled = false;  // Something starts it without a person.
  bool is_active = false;   // It runs, as far as that can be seen.
};

}  // namespace cfwarden
