#include "cfwarden/sweep/loose_object.h"

#include "cfwarden/archives/inflated.h"

#include <optional>

namespace cfwarden {
namespace {

constexpr std::size_t longest_head = 32;

std::string word(LooseObject what) {
  return {static_cast<char>(what)};
}

}  // namespace

std::string blob_in(std::string_view loose_object, std::size_t most) {
  std::optional<std::string> text = inflated(loose_object, most + longest_head);
  if (!text) return word(LooseObject::damaged);
  const std::size_t end = text->find('\0');
  if (end > longest_head) return word(LooseObject::damaged);
  const std::string content = text->substr(end + 1);
  if (!text->starts_with("blob ")) return word(LooseObject::other);
  if (text->substr(5, end - 5) != std::to_string(content.size()) || content.size() > most) {
    return word(LooseObject::damaged);
  }
  return word(LooseObject::blob) + content;
}

}  // namespace cfwarden
