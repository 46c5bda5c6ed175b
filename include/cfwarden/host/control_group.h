// To which service or container a process belongs, by the names of its control groups. Pure.
//
// A user can name groups below their own service manager, and then whatever they like: those units
// have `unit_user`, and the id of a container proves nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

struct ControlGroup {
  std::string unit;                        // "cloudflared.service"; "" for none.
  std::optional<std::uint32_t> unit_user;  // Whose own service manager runs that unit.
  std::string container;                   // 64 hexadecimal digits; "" for none.
};

// Of /proc/PID/cgroup, of either version of control groups.
ControlGroup control_group_of(std::string_view text);

}  // namespace cfwarden
