// All users and groups that nsswitch.conf(5) leads to.
//
// Asking loads modules of the C library into this process. A program with the C library in it
// cannot: it has src/host/static/name_services.cc instead, which answers nothing.
#pragma once

#include "cfwarden/model/accounts.h"

#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

struct NamedGroup {
  Group group;
  std::vector<std::string> members;
};

// In the order of the sources; one account can come from two of them.
struct NameServiceEntries {
  std::vector<Account> users;
  std::vector<NamedGroup> groups;
};

std::optional<NameServiceEntries> ask_name_services();

}  // namespace cfwarden
