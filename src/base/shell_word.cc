#include "cfwarden/base/shell_word.h"

#include "cfwarden/base/concealed.h"
#include "cfwarden/base/printable.h"

#include <algorithm>

namespace cfwarden {
namespace {

// What the shell takes as it stands, wherever in a command.
bool needs_no_quotes(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"/._-+:@%"}.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::optional<std::string> shell_word(std::string_view text) {
  if (text.starts_with('-') || printable(concealed(text)) != text) return std::nullopt;
  if (needs_no_quotes(text)) return std::string{text};
  // Nothing inside single quotes is special to a shell but the single quote.
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace cfwarden
