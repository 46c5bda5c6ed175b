// The one table enumerator <-> word. The words are part of every format and rule: never rename one.
//
// To add an enumerator: add it to its enum and its row in src/model/words.cc.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace cfwarden {

template <class E>
struct Word {
  E value;
  std::string_view name;
};

// Defined for every enum of the model that is ever printed or read.
template <class E>
std::span<const Word<E>> words_of();

template <class E>
std::string_view name_of(E value) {
  for (const auto& word : words_of<E>()) {
    if (word.value == value) return word.name;
  }
  return "unknown";
}

template <class E>
std::optional<E> from_name(std::string_view name) {
  for (const auto& word : words_of<E>()) {
    if (word.name == name) return word.value;
  }
  return std::nullopt;
}

}  // namespace cfwarden
