#include "cfwarden/kinds/repair.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/base64.h"
#include "cfwarden/base/plain_byte.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr std::string_view around = " \t\r\n\v\f\"'`()[]<>,;|";

PlainByte percent_decoded(std::string_view text) {
  const bool is_code = text.size() >= 3 && is_hex_digit(text[1]) && is_hex_digit(text[2]);
  if (!is_code) return {.byte = text[0], .size = 1};
  return {.byte = static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2])), .size = 3};
}

PlainByte plain_byte(std::string_view text) {
  switch (text[0]) {
    case '\0':  // Every other byte of ASCII in UTF-16; and what some editors leave at the end.
      return {.byte = std::nullopt, .size = 1};
    case '%':
      return percent_decoded(text);
    case '\\':
      return unescaped_byte(text);
    default:
      return {.byte = text[0], .size = 1};
  }
}

std::string_view without_byte_order_mark(std::string_view bytes) {
  for (const std::string_view mark : {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"}) {
    if (bytes.starts_with(mark)) return bytes.substr(mark.size());
  }
  return bytes;
}

bool is_promising(std::string_view run) {
  constexpr std::array starts{"ey", "ew", "ZX", "Wl", "LS0t", "TFMw"};
  return std::ranges::any_of(starts, [run](const char* start) { return run.starts_with(start); });
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

PlainText::PlainText(std::string_view bytes)
    : bytes_{without_byte_order_mark(bytes)}, text_{bytes_} {
  constexpr std::string_view needs_undoing{"\0%\\", 3};
  if (text_.find_first_of(needs_undoing) == std::string_view::npos) return;
  undone_ = Secret{text_.size()};
  std::size_t size = 0;
  while (!text_.empty()) {
    const PlainByte plain = plain_byte(text_);
    if (plain.byte) undone_.writable()[size++] = *plain.byte;
    text_.remove_prefix(plain.size);
  }
  undone_.shrink(size);
  text_ = undone_.reveal();
}

std::size_t PlainText::line_of(std::size_t offset) const {
  std::string_view rest = bytes_;
  if (undone_.empty()) {
    rest.remove_prefix(offset);
  } else {
    for (std::size_t undone = 0; undone < offset && !rest.empty();) {
      const PlainByte plain = plain_byte(rest);
      if (plain.byte) ++undone;
      rest.remove_prefix(plain.size);
    }
  }
  const std::string_view before = bytes_.substr(0, bytes_.size() - rest.size());
  return static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
}

std::string_view unquoted(std::string_view text) {
  const std::size_t first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

std::vector<std::string_view> promising_runs(std::string_view text, std::size_t least,
                                             LineBreaks breaks) {
  const auto continues = [breaks](char byte) {
    return is_base64_letter(byte) ||
           (breaks == LineBreaks::ignored && (byte == '\n' || byte == '\r'));
  };
  std::vector<std::string_view> runs;
  while (!text.empty()) {
    const auto* const letters = std::ranges::find_if(text, is_base64_letter);
    text.remove_prefix(static_cast<std::size_t>(letters - text.begin()));
    std::size_t size = 0;
    while (size < text.size() && continues(text[size])) ++size;
    if (size >= least && is_promising(text)) runs.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return runs;
}

std::size_t find_folded(std::string_view text, std::string_view lower_case_word) {
  const auto* const found =
      std::search(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                  [](char letter, char wanted) { return lower(letter) == wanted; });
  if (found == text.end()) return std::string_view::npos;
  return static_cast<std::size_t>(found - text.begin());
}

}  // namespace cfwarden
