// What needs a credential, and whether it can read it: a Start, resolved on this host.
#pragma once

#include "cfwarden/model/start.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

enum class NeedOf {
  configuration,  // config.yml.
  token_file,
  tunnel_credentials,  // <UUID>.json.
  account_certificate,
  inline_secret,  // A token or credentials inside the definition or the configuration.
  passage,        // Of a directory: something below it, or to work in it.
};

// One need for one file. Copied to every subject that it concerns.
struct Need {
  std::string who;  // As in Start. Hostile bytes.
  StartSource source = StartSource::systemd;
  std::string file;  // That defines it. Hostile bytes.
  std::size_t line = 0;
  NeedOf what = NeedOf::token_file;

  std::string user;  // Passwd name, else the decimal uid; "dynamic" for DynamicUser.
  std::optional<std::uint32_t> uid;      // On this host; nullopt for dynamic and for unknown names.
  std::optional<std::uint32_t> gid;      // Its primary group.
  std::vector<std::uint32_t> more_gids;  // Its other groups, which may be the unit's alone to give.
  bool runs_on_inline = false;           // Of a configuration: on the secret that stands in it.
  // Who reads the file: the service, or its manager as root (LoadCredential, environment files,
  // units), so that the service's own user needs no right.
  bool read_by_manager = false;
  std::optional<bool> can_read;  // nullopt where it is not known.
  std::string obstacle;          // Where it cannot: "cannot search /root: mode 0700, owner root".
  // An ordinary user who could have invented this need: it binds only that user's own files.
  std::optional<std::uint32_t> controlled_by;
  std::string controller;  // That user's name; "" for none.
  // An ordinary user's process about somebody else's file: shown, and otherwise of no weight.
  bool is_claim = false;
  // It is started without a person, runs, or an administrator put it there: not merely packaged.
  bool is_in_use = true;
  bool is_container = false;
  bool is_active = false;
  bool is_enabled = false;
  // How the kernel judges it beside its ids: with CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH though
  // not root; and root without either.
  bool reads_everything = false;
  bool is_powerless = false;
  std::string entered_at;  // A bind mount's source: no directory above it counts; "" for none.
};

}  // namespace cfwarden
