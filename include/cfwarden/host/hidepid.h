// The mount option of /proc that hides the processes of other users.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cfwarden {

// Whether this caller is shown its own processes only. `proc` is the mounted directory, opened.
bool hides_processes(int proc);

// Whether ordinary users are shown their own only, whoever asks.
bool are_hidden_from_others(int proc);

// Pure: whether the mount with that number is such a one, for a caller in these groups, who may
// not trace others.
bool is_mounted_hiding(std::string_view mountinfo, unsigned long long mount,
                       std::span<const std::uint32_t> groups);

}  // namespace cfwarden
