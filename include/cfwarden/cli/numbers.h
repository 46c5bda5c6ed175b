// Numbers as people give them on a command line. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cfwarden {

// "4096", "64K", "10M", "1G", "2T": bytes, in powers of 1,024. nullopt for anything else.
std::optional<std::uint64_t> bytes_of(std::string_view text);

// Digits alone, from 1 to `most`.
std::optional<unsigned> count_of(std::string_view text, unsigned most);

}  // namespace cfwarden
