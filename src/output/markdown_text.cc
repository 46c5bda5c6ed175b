#include "cfwarden/output/markdown_text.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/output/rows.h"

#include <algorithm>

namespace cfwarden {
namespace {

bool is_plain(char c) {
  constexpr std::string_view punctuation = " ,;/()-'\"=%";
  const bool is_beyond_ascii = (static_cast<unsigned char>(c) & 0x80U) != 0;
  return is_lower(c) || is_upper(c) || is_digit(c) || is_beyond_ascii ||
         punctuation.find(c) != std::string_view::npos;
}

// Of a sentence: "www." makes a link, and so does a scheme's colon.
bool is_mere_punctuation(std::string_view text, std::size_t at) {
  if (text[at] == '.') {
    const std::string_view before = text.substr(at < 3 ? 0 : at - 3, std::min<std::size_t>(at, 3));
    return before.find_first_not_of("wW") != std::string_view::npos || before.size() < 3;
  }
  return text[at] == ':' && (at + 1 == text.size() || text[at + 1] == ' ');
}

// Character references take part in no markup.
std::string with_references(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_plain(c) || is_mere_punctuation(text, i)) {
      result += c;
    } else {
      result += "&#" + std::to_string(static_cast<unsigned>(static_cast<unsigned char>(c))) + ";";
    }
  }
  return result;
}

}  // namespace

std::string markdown_code(std::string_view bytes) {
  const std::string text = told(bytes);
  if (text.empty()) return text;
  // A bar ends a cell even in code; and what a shown text begins and ends with is kept.
  const bool fits_span =
      text.find_first_of("`|") == std::string::npos && text.front() != ' ' && text.back() != ' ';
  return fits_span ? "`" + text + "`" : "<code>" + with_references(text) + "</code>";
}

// A mention is looked for once all references are resolved, but not in code.
std::string markdown_prose(std::string_view bytes) {
  const std::string text = told(bytes);
  const std::string result = with_references(text);
  return text.find('@') == std::string::npos ? result : "<code>" + result + "</code>";
}

}  // namespace cfwarden
