// What a wrong word was probably meant to be, for error messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

// "unknown, did you mean 'severity'? allowed: id, severity, title".
std::string unknown_among(std::string_view word, std::span<const std::string_view> known);

}  // namespace cfwarden
