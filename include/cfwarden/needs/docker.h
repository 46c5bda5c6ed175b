// What else is to be known of Docker's containers than their starts.
#pragma once

#include "cfwarden/needs/definitions.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {

// A service of a Compose file that exists as a container.
struct ComposedContainer {
  std::string file;         // Its config.v2.json.
  std::uint32_t owner = 0;  // Of that file.
  std::string service;      // As the Compose file has it.
  std::vector<std::string> compose_files;
};
std::vector<ComposedContainer> composed_containers(const ServiceHost& host);

// Where daemon.json has the daemon keep its containers; "" where it says nothing of it.
std::string docker_root(const ServiceHost& host, Starts& starts);

// Sets the shift of a container's ids: of a user's own daemon, or where daemon.json asks for
// userns-remap. `userns_mode` "host" takes the container out of that. A gap where the ids of a user
// namespace are not known.
void shift_docker_ids(const ServiceHost& host, const ServiceText& definition,
                      const std::string& userns_mode, Start& start, Starts& starts);

}  // namespace cfwarden
