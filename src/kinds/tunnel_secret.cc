#include "cfwarden/base/ascii.h"
#include "cfwarden/base/base64.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/repair.h"
#include "cfwarden/kinds/tunnel_fields.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t least_beside_ids = 16;
constexpr std::size_t least_alone = 32;  // Cloudflare's API takes no shorter one.
constexpr std::size_t most_bytes = 256;  // What is longer is the text of some cipher.

// YOUR_TUNNEL_SECRET_HERE is base64 of the URL alphabet: its words are all in one letter case. So
// are the hex digits that some take for a secret, but those have numbers among them.
bool reads_as_name(std::string_view text) {
  constexpr int least_digits = 4;
  constexpr std::array<std::string_view, 8> words{"tunnel", "secret",      "example", "replace",
                                                  "change", "placeholder", "redact",  "base64"};
  if (std::ranges::any_of(words, [text](std::string_view word) {
        return find_folded(text, word) != std::string_view::npos;
      })) {
    return true;
  }
  const bool is_one_case =
      std::ranges::none_of(text, is_upper) || std::ranges::none_of(text, is_lower);
  return is_one_case && std::ranges::count_if(text, is_digit) < least_digits;
}

std::optional<Secret> secret_bytes(std::string_view text, std::size_t least) {
  if (text.empty() || text.size() > 2 * most_bytes || is_placeholder(text) || reads_as_name(text)) {
    return std::nullopt;
  }
  std::optional<Secret> bytes = decode_damaged_base64(text);
  if (!bytes || bytes->size() < least || bytes->size() > most_bytes) return std::nullopt;
  return bytes;
}

}  // namespace

Decoded recognise_tunnel_secret(const Sample&) {
  return NotThisKind{};
}

Decoded decode_tunnel_secret(const TunnelSecretSample& sample) {
  TunnelFields fields;
  fields.account = sample.account;
  fields.tunnel = parse_uuid(sample.tunnel).value_or(Uuid{});
  const bool is_whole = !fields.account.empty() && !fields.tunnel.is_nil();
  const auto bytes = secret_bytes(sample.secret, is_whole ? least_beside_ids : least_alone);
  if (!bytes) return NotThisKind{};
  fields.secret.reserve(bytes->size());
  std::ranges::copy(bytes->reveal(), fields.secret.room().begin());
  fields.secret.set_size(bytes->size());
  return accepted_tunnel_credential(is_whole ? tunnel_credentials_kind : tunnel_secret_kind, fields,
                                    sample.hmac_key);
}

}  // namespace cfwarden
