// Where the value of a key begins, in whatever syntax the two are written.
//
// Promises  at most a few hundred bytes behind the key are looked at.
//
// To add a way to write one, add a step to ValueStart in src/spots/value_start.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace cfwarden {

// By what a value is known to be the key's.
enum class Bond {
  written,  // By what joins the two: a colon, an equals sign, an element.
  beside,   // By standing next to it, as arguments do: only what can be nothing else is meant.
};

struct ValuePlace {
  std::size_t begin = 0;
  Bond bond = Bond::written;
};

// Of the key that begins and ends there; nullopt when it is given none.
std::optional<ValuePlace> value_place(std::string_view text, std::size_t key, std::size_t key_end);

}  // namespace cfwarden
