// Where the ways to start cloudflared are defined, as one table: units, init scripts, crontabs,
// containers. To add one: add its row in src/host/service_places.cc.
#pragma once

#include "cfwarden/host/places.h"
#include "cfwarden/host/reader.h"
#include "cfwarden/model/accounts.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ServicePlace {
  std::string path;
  std::size_t depth = 0;  // 0: a file; else of the directory's own entries 1, and so on.
  // Whether a file or link is worth a look, by its path below the place.
  bool (*takes)(std::string_view below) = nullptr;
  ServiceRole role = ServiceRole::possible;
  // Only its links matter, and they only where something else is defined: what is enabled.
  bool only_links = false;
  // Closed to everyone but root, as it is made: nobody else is told that it was left out.
  bool is_roots = false;
};

// In the order of the table, what shares a directory together; for a caller who does not see all
// homes those of its own home alone. `may_exist` is asked first, with a home or "" and the path
// below it: most of the table is absent from any host.
std::vector<ServicePlace> service_places(
    const Accounts& accounts, const Caller& caller,
    const std::function<bool(std::string_view above, std::string_view below)>& may_exist);

// A name that says how a service is started wherever it lies: compose.yaml, x.service, x.container.
bool is_definition_name(std::string_view file_name);

}  // namespace cfwarden
