// How a user namespace renumbers users or groups. Pure.
#pragma once

#include "cfwarden/model/start.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct IdRange {
  std::uint32_t inside = 0;
  std::uint32_t outside = 0;
  std::uint32_t count = 0;
};

inline constexpr std::size_t max_id_ranges = 340;  // As the kernel has it.

// Empty: nothing is known of it, or there is none.
using IdMap = std::vector<IdRange>;

// Unless it is empty, leaves the ids there are, or is one too many.
void append_range(const IdRange& range, IdMap& map);

// nullopt where the id is not in the map, or is no id.
std::optional<std::uint32_t> outside_id(const IdMap& map, std::uint32_t inside);

// The ranges that /etc/subuid or /etc/subgid gives to an account, by its name or uid, one after
// another from the inside id `first`.
IdMap subordinate_ids(std::string_view text, std::string_view name, std::string_view uid,
                      std::uint32_t first);

// The map of a daemon or container that an ordinary user runs: `own` inside as 0, then the ranges.
IdMap rootless_ids(std::uint32_t own, IdMap subordinate);

// What is inside `inner` seen from outside `outer`, for each piece that has ids there; `outer`
// itself where there is no inner one.
IdMap through(const IdMap& inner, const IdMap& outer);

// The shift that is right for this uid and gid; what is neither decimal nor empty (0) counts as 1,
// an account of the image's own. nullopt where either has no id outside.
struct IdMaps {
  IdMap uids;
  IdMap gids;
};
std::optional<IdShift> shift_of(const IdMaps& maps, const RunAs& run_as);

// A decimal id; nullopt for a name.
std::optional<std::uint32_t> decimal_id(std::string_view text);

}  // namespace cfwarden
