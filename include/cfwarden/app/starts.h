// Every way in which this host starts cloudflared, as far as it can be seen.
//
// Reads definitions through a Look, so that what they hold is reported like anything else, and has
// them understood in a worker.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/app/look.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/places.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/start.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cfwarden {

struct KnownStart {
  Start start;
  // An ordinary user who could have invented it; nullopt where only root could.
  std::optional<std::uint32_t> controlled_by;
};

struct StartSearch {
  const AuditRequest& request;
  const Opener& opener;
  const Accounts& accounts;
  Caller caller;
};

// Sorted by who. With paths of its own, an audit reports no credential of a definition elsewhere.
std::vector<KnownStart> find_starts(Look& look, const StartSearch& search);

}  // namespace cfwarden
