// How far one object can be closed without shutting out who needs it. Pure.
//
// Promises  the tightest of a short list, of which each is a subset of what is there: as wanted;
//           with the ACL entries through which a need is let in; open to the owning group; open to
//           others; and these again with the ACL left alone. If none lets every need in, nothing
//           changes.
#pragma once

#include "cfwarden/remedy/attributes.h"
#include "cfwarden/remedy/dependents.h"

#include <optional>
#include <span>
#include <vector>

namespace cfwarden {

struct Goal {
  std::optional<unsigned> allowed_mode;  // nullopt: the mode stays.
  bool drop_acl = false;
  bool drop_default_acl = false;
  std::optional<std::uint32_t> uid;
};

struct Settled {
  Attributes after;
  Attributes wanted;                         // Were nobody in need of it.
  std::vector<const Dependent*> locked_out;  // By `wanted`; where it is empty, after is wanted.
};

Settled settle(const Attributes& before, FileType type, const Goal& goal,
               std::span<const Dependent> dependents);

// The group of a service to which the file may be given, so that all that need it keep reading: it
// is the first's own, all are in it, and nobody else is. nullopt where there is none.
std::optional<std::uint32_t> service_group_of(const Settled& settled, const Permissions& before,
                                              std::span<const Dependent> dependents,
                                              const Accounts& accounts);

// The same file with that group, which reads it; nullopt where that would give anybody a right or
// shut out one of the needs.
std::optional<Attributes> shared_with(std::uint32_t gid, const Attributes& before, const Goal& goal,
                                      std::span<const Dependent> dependents);

// Those that could not read it with nothing but the owner's bits.
std::vector<const Dependent*> stopped_by_owner_only(const Attributes& before, FileType type,
                                                    std::span<const Dependent> dependents);

}  // namespace cfwarden
