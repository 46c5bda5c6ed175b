#include "cfwarden/spots/sighting.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/spots/letters.h"
#include "cfwarden/spots/object_end.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t least_token_letters = 100;
constexpr auto npos = std::string_view::npos;

// The Credential of one tunnel, when nothing that is demanded is missing from it.
std::optional<Credential> demanded_tunnel(Decoded decoded, std::string_view kind) {
  auto* credential = std::get_if<Credential>(&decoded);
  if (credential == nullptr || credential->kind != kind || credential->fingerprint.empty() ||
      credential->scope.tunnel.empty() || !is_account_id(credential->scope.account)) {
    return std::nullopt;
  }
  return std::move(*credential);
}

// The brace of the object that the byte at `at` stands in, not before `least`.
std::size_t opening_brace(std::string_view text, std::size_t at, std::size_t least) {
  std::size_t closed = 0;
  least = std::max(least, at - std::min(at, max_object_bytes));
  while (at > least) {
    const char byte = text[--at];
    if (byte == '}') ++closed;
    if (byte == '{' && closed-- == 0) return at;
  }
  return npos;
}

// Behind the object; npos when it is none.
std::size_t behind_object(std::string_view text, std::size_t begin) {
  ObjectEnd object;
  const std::string_view reach = text.substr(0, begin + max_object_bytes);
  for (std::size_t at = begin; at < reach.size(); ++at) {
    const auto state = object.take(reach[at]);
    if (state == ObjectEnd::State::broken) return npos;
    if (state == ObjectEnd::State::closed) return at + 1;
  }
  return npos;
}

// The text from `begin` on with blanks in place of what marks each line as a comment or the like.
Secret without_marks(std::string_view text, std::size_t begin, std::string_view mark) {
  constexpr std::size_t longest_marked = 2048;
  Secret plain = Secret::copy_of(text.substr(begin, longest_marked));
  const std::span<char> bytes = plain.writable();
  for (std::size_t feed = plain.reveal().find('\n'); feed != npos;
       feed = plain.reveal().find('\n', feed + 1)) {
    const std::size_t at = plain.reveal().find_first_not_of(" \t", feed + 1);
    if (at == npos || !plain.reveal().substr(at).starts_with(mark)) continue;
    std::ranges::fill(bytes.subspan(at, mark.size()), ' ');
  }
  return plain;
}

std::optional<Sighting> object_sighting(std::string_view text, std::size_t begin,
                                        std::string_view hmac_key) {
  const std::size_t end = behind_object(text, begin);
  if (end == npos) return std::nullopt;
  auto credential =
      demanded_tunnel(decode_tunnel_credentials({text.substr(begin, end - begin), {}, hmac_key}),
                      tunnel_credentials_kind);
  if (!credential) return std::nullopt;
  return Sighting{begin, end, std::move(*credential), false};
}

// The object as cloudflared 2020.6.4 wrote it: its bytes in decimal digits.
std::optional<Sighting> decimal_sighting(std::string_view text, std::size_t begin,
                                         std::string_view hmac_key) {
  constexpr std::size_t longest_list = 4096;
  const std::string_view list = text.substr(begin, longest_list);
  const std::size_t close = list.find_first_not_of("0123456789, \r\n", 1);
  if (close == npos || list[close] != ']') return std::nullopt;
  auto credential =
      demanded_tunnel(decode_tunnel_credentials({list.substr(0, close + 1), {}, hmac_key}),
                      tunnel_credentials_kind);
  if (!credential) return std::nullopt;
  return Sighting{begin, begin + close + 1, std::move(*credential), false};
}

}  // namespace

bool is_account_id(std::string_view text) {
  constexpr std::size_t digits = 32;
  return text.size() == digits && std::ranges::all_of(text, is_hex_digit) &&
         text.find_first_not_of('0') != npos;
}

std::optional<Sighting> token_at(std::string_view text, std::size_t at, std::string_view hmac_key) {
  const std::optional<ObjectLetters> letters = object_letters(text, at);
  if (!letters || letters->count < least_token_letters) return std::nullopt;
  const Secret token = joined_letters(text, at, *letters);
  auto credential = demanded_tunnel(decode_token({token.reveal(), {}, hmac_key}, Handover::value),
                                    tunnel_token_kind);
  if (!credential) return std::nullopt;
  return Sighting{at, letters->end, std::move(*credential), letters->is_broken};
}

std::optional<Sighting> credentials_at(std::string_view text, std::size_t at, std::size_t least,
                                       std::string_view hmac_key) {
  if (text.substr(at).starts_with('[')) return decimal_sighting(text, at, hmac_key);
  constexpr std::size_t key_size = std::string_view{"TunnelSecret"}.size();
  const bool is_key = at > 0 && text[at - 1] == '"' && text.substr(at + key_size).starts_with('"');
  const std::size_t begin = is_key ? opening_brace(text, at, least) : npos;
  if (begin == npos) return std::nullopt;
  if (auto sighting = object_sighting(text, begin, hmac_key)) return sighting;

  const std::string_view mark = line_mark_before(text, at - 1);
  if (mark.empty()) return std::nullopt;
  const Secret plain = without_marks(text, begin, mark);
  auto sighting = object_sighting(plain.reveal(), 0, hmac_key);
  if (sighting) {
    sighting->begin += begin;
    sighting->end += begin;
  }
  return sighting;
}

}  // namespace cfwarden
