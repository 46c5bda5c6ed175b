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
#include <memory>
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

// In two steps, since a sweep has time for the first one while its trees are walked.
class StartFinder {
 public:
  // Borrows both for its lifetime.
  StartFinder(Look& look, const StartSearch& search);
  StartFinder(StartFinder&&) noexcept;
  StartFinder& operator=(StartFinder&&) noexcept;
  ~StartFinder();

  // Reads the definitions that lie where they are looked for, and what runs. Takes nearly all of
  // the time.
  void collect();
  // What they say, and the files that they lead to, with what else the look has read since. Sorted
  // by who. With paths of its own, an audit reports no credential of a definition elsewhere.
  std::vector<KnownStart> found();

 private:
  class Collection;
  std::unique_ptr<Collection> collection_;
};

}  // namespace cfwarden
