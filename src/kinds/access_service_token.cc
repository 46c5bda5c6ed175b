#include "cfwarden/base/ascii.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/embedded.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::size_t id_digits = 32;
constexpr std::size_t secret_digits = 64;
constexpr std::string_view id_end = ".access";

bool is_word_byte(char byte) {
  return is_digit(byte) || is_lower(byte) || is_upper(byte) || byte == '_' || byte == '-';
}

bool is_hex(std::string_view word) {
  return std::ranges::all_of(word, is_hex_digit);
}

// A client id is 32 hex digits and ".access", which no other program writes; its secret are the
// 64 hex digits nearest behind it, or before it when none follow.
struct ServiceToken {
  bool has_id = false;
  std::string_view secret;
};

ServiceToken find_service_token(std::string_view text) {
  ServiceToken found;
  while (!text.empty() && (!found.has_id || found.secret.empty())) {
    const auto* const start = std::ranges::find_if(text, is_word_byte);
    text.remove_prefix(static_cast<std::size_t>(start - text.begin()));
    const auto* const end = std::ranges::find_if_not(text, is_word_byte);
    const std::string_view word{text.data(), static_cast<std::size_t>(end - text.begin())};
    text.remove_prefix(word.size());
    if (!is_hex(word)) continue;
    if (word.size() == secret_digits) found.secret = word;
    if (word.size() != id_digits || !text.starts_with(id_end)) continue;
    const std::string_view behind = text.substr(id_end.size());
    found.has_id = found.has_id || behind.empty() || !is_word_byte(behind[0]);
  }
  return found;
}

Credential service_credential(std::string_view secret, std::string_view hmac_key) {
  Credential credential;
  credential.kind = access_service_token_kind;
  credential.status = Status::usable;
  credential.authority = Authority::call_application;
  describe_secret(credential, secret, hmac_key);
  return credential;
}

}  // namespace

Decoded recognise_access_service_token(const Sample& sample) {
  if (refuse_size(access_service_token_kind, sample)) return NotThisKind{};
  const ServiceToken found = find_service_token(sample.bytes);
  if (!found.has_id || found.secret.empty()) return NotThisKind{};
  return service_credential(found.secret, sample.hmac_key);
}

void find_access_service_token(std::string_view text, std::string_view hmac_key, Finds& finds) {
  const ServiceToken found = find_service_token(text);
  if (!found.has_id || found.secret.empty()) return;
  finds.add(static_cast<std::size_t>(found.secret.data() - text.data()),
            service_credential(found.secret, hmac_key));
}

}  // namespace cfwarden
