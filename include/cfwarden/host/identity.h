// Who runs the program, on what host, and when.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/model/accounts.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {

// True for "" and for every absolute spelling of "/": --root / is no other host.
bool is_running_host(const std::string& root);

std::uint32_t caller_uid();  // Effective.

// $HOME of an ordinary caller, else what its account says; "" when neither is absolute.
std::string home_of_caller(const Accounts& accounts);

// Root, or CAP_DAC_READ_SEARCH in effect.
bool sees_all_homes();

struct Variable {
  std::string name;
  std::string value;
};
// Those whose names start with "TUNNEL_", sorted.
std::vector<Variable> tunnel_variables();

std::string working_directory();  // "/" when it is gone.

std::string running_hostname();
// The first line of etc/hostname inside the root; "" when there is none to read.
std::string hostname_of_root(const Opener& opener);

std::int64_t current_time();  // Seconds since the epoch.

}  // namespace cfwarden
