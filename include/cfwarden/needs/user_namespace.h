// The maps of user namespaces, from /etc/subuid and /etc/subgid among the host's texts.
//
// Files that are not among them are wanted; until they are there, a map is empty.
#pragma once

#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/id_map.h"

#include <cstdint>
#include <string>

namespace cfwarden {

// Of a user or group by name or id, from the inside id `first` on.
IdMap subordinate_uids(const ServiceHost& host, const std::string& user, std::uint32_t first,
                       Starts& starts);
IdMap subordinate_gids(const ServiceHost& host, const std::string& group, std::uint32_t first,
                       Starts& starts);

// Of what an ordinary user runs: the account in whose home the definition lies, else its owner.
IdMaps rootless_maps(const ServiceHost& host, const ServiceText& definition, Starts& starts);

// Sets the shift of `start`; a gap where its ids have none.
void set_shift(const IdMaps& maps, const ServiceText& definition, Start& start, Starts& starts);

}  // namespace cfwarden
