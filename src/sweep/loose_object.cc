#include "cfwarden/sweep/loose_object.h"

#include "cfwarden/archives/inflated.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t longest_head = 32;

constexpr std::array<std::pair<std::string_view, GitObjectState>, 4> sorts{{
    {"blob ", GitObjectState::blob},
    {"tree ", GitObjectState::tree},
    {"commit ", GitObjectState::commit},
    {"tag ", GitObjectState::tag},
}};

}  // namespace

GitObject loose_object(std::string_view bytes, std::size_t most) {
  const GitObject damaged{GitObjectState::damaged, {}};
  std::optional<std::string> text = inflated(bytes, most + longest_head);
  if (!text) return damaged;
  const std::size_t end = text->find('\0');
  if (end > longest_head) return damaged;
  const std::size_t size = text->size() - end - 1;
  for (const auto& [word, state] : sorts) {
    if (!text->starts_with(word)) continue;
    const bool is_sound =
        text->substr(word.size(), end - word.size()) == std::to_string(size) && size <= most;
    return is_sound ? GitObject{state, text->substr(end + 1)} : damaged;
  }
  return damaged;
}

}  // namespace cfwarden
