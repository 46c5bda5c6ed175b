#include "cfwarden/host/credential_wire.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/kinds/kind.h"

#include <algorithm>
#include <string_view>

namespace cfwarden {
namespace {

bool is_lower_hex(char byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

bool is_fingerprint(std::string_view text) {
  if (text.empty()) return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view method = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  return (method == "sha256" || method == "hmac") && digits.size() == 16 &&
         std::ranges::all_of(digits, is_lower_hex);
}

bool is_tunnel(std::string_view text) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.empty()) return true;
  return std::ranges::equal(text, form, [](char byte, char wanted) {
    return wanted == 'x' ? is_lower_hex(byte) : byte == wanted;
  });
}

}  // namespace

void encode_credential(Encoder& out, const Credential& credential) {
  out.text(credential.kind, max_name);
  out.word(credential.status);
  out.own_text(credential.reason);
  out.word(credential.authority);
  out.text(credential.scope.account, max_hostile_text);
  out.text(credential.scope.zone, max_hostile_text);
  out.text(credential.scope.tunnel, max_name);
  out.text(credential.scope.endpoint, max_hostile_text);
  out.text(credential.fingerprint, max_name);
  out.position(credential.secret_bytes);
  out.word(credential.secret_quality);
  out.moment(credential.not_after);
  out.moment(credential.expires);
  out.text(credential.issuer, max_hostile_text);
  out.text(credential.audience_claim, max_hostile_text);
}

Credential decode_credential(Decoder& in) {
  Credential credential;
  credential.kind = in.text(max_name);
  in.demand(find_kind(credential.kind) != nullptr);
  credential.status = in.word<Status>();
  credential.reason = in.own_text();
  credential.authority = in.word<Authority>();
  credential.scope.account = in.text(max_hostile_text);
  credential.scope.zone = in.text(max_hostile_text);
  credential.scope.tunnel = in.text(max_name);
  in.demand(is_tunnel(credential.scope.tunnel));
  credential.scope.endpoint = in.text(max_hostile_text);
  credential.fingerprint = in.text(max_name);
  in.demand(is_fingerprint(credential.fingerprint));
  credential.secret_bytes = in.position();
  credential.secret_quality = in.word<SecretQuality>();
  credential.not_after = in.moment();
  credential.expires = in.moment();
  credential.issuer = in.text(max_hostile_text);
  credential.audience_claim = in.text(max_hostile_text);
  return credential;
}

}  // namespace cfwarden
