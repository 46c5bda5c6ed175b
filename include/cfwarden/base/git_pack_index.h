// Which objects a pack of git holds, by its index (version 2), with ids of SHA-1 or SHA-256. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// For each of `ids` (hexadecimal, of one length) whether it is listed; nullopt for what is no index
// of a pack. Nothing outside of `index` is read, whatever it says; bytes that are not sorted are
// searched all the same, and then may not be found.
std::optional<std::vector<bool>> held_by_pack(std::string_view index,
                                              std::span<const std::string> ids);

}  // namespace cfwarden
