#include "cfwarden/base/ascii.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/repair.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr std::size_t least_secret = 16;

bool is_white_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// "xxxx-xxxx-xxxx-xxxx", "****************".
bool has_few_letters(std::string_view text) {
  const char first = text[0];
  const std::size_t next = text.find_first_not_of(first);
  if (next == std::string_view::npos) return true;
  const std::array two{first, text[next]};
  return text.find_first_not_of(std::string_view{two.data(), two.size()}) == std::string_view::npos;
}

// A random secret of this length that holds one of these words, and no digit, is not to be met.
bool reads_as_words(std::string_view text) {
  constexpr std::array<std::string_view, 8> words{"your",        "example",  "change", "replace",
                                                  "placeholder", "redacted", "insert", "key-here"};
  return std::ranges::none_of(text, is_digit) &&
         std::ranges::any_of(words, [text](std::string_view word) {
           return find_folded(text, word) != std::string_view::npos;
         });
}

}  // namespace

bool is_placeholder(std::string_view text) {
  constexpr std::string_view starts_of_templates = "$<{[%*";
  // AWS marks the keys of its documentation with EXAMPLE.
  return starts_of_templates.find(text[0]) != std::string_view::npos ||
         text.find("EXAMPLE") != std::string_view::npos || has_few_letters(text) ||
         reads_as_words(text);
}

Decoded recognise_configured_secret(const Sample&) {
  return NotThisKind{};
}

Decoded decode_configured_secret(const Sample& sample) {
  const std::string_view text = sample.bytes;
  if (refuse_size(configured_secret_kind, sample) || text.size() < least_secret ||
      std::ranges::any_of(text, is_white_space) || is_placeholder(text)) {
    return NotThisKind{};
  }
  Credential credential;
  credential.kind = configured_secret_kind;
  credential.status = Status::usable;
  credential.authority = Authority::call_application;
  describe_secret(credential, text, sample.hmac_key);
  return credential;
}

}  // namespace cfwarden
