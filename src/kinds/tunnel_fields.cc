#include "cfwarden/kinds/tunnel_fields.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/base64.h"

#include <algorithm>
#include <array>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t account_digits = 32;
constexpr std::size_t least_mended_secret = 16;

bool is_account_id(std::string_view text) {
  return text.size() == account_digits && std::ranges::all_of(text, is_hex_digit);
}

std::string text_of(const LooseValue& value) {
  return value.type == JsonType::string ? std::string{value.text.reveal()} : std::string{};
}

Credential tunnel_credential(std::string_view kind, const TunnelFields& fields,
                             std::string_view hmac_key) {
  Credential credential;
  credential.kind = kind;
  credential.authority = Authority::run_tunnel;
  credential.scope.account = fields.account;
  if (!fields.tunnel.is_nil()) credential.scope.tunnel = canonical(fields.tunnel);
  credential.scope.endpoint = fields.endpoint;
  describe_secret(credential, fields.secret.reveal(), hmac_key);
  return credential;
}

void take_bytes(GoBytes& bytes, std::string_view value) {
  bytes.reserve(value.size());
  std::ranges::copy(value, bytes.room().begin());
  bytes.set_size(value.size());
}

}  // namespace

TunnelFields read_tunnel_fields(std::string_view json, const TunnelFieldNames& names) {
  TunnelFields fields;
  std::array<JsonField, 4> wanted{{{.name = names.account, .into = &fields.account},
                                   {.name = names.secret, .into = &fields.secret},
                                   {.name = names.tunnel, .into = &fields.tunnel},
                                   {.name = names.endpoint, .into = &fields.endpoint}}};
  fields.error = unmarshal(json, wanted);
  fields.has_account = wanted[0].seen;
  fields.has_secret = wanted[1].seen;
  fields.has_tunnel = wanted[2].seen;
  return fields;
}

std::optional<TunnelFields> mend_tunnel_fields(std::string_view json,
                                               const TunnelFieldNames& names) {
  LooseValue account;
  LooseValue secret;
  LooseValue tunnel;
  LooseValue endpoint;
  std::array<JsonField, 4> wanted{{{.name = names.account, .into = &account},
                                   {.name = names.secret, .into = &secret},
                                   {.name = names.tunnel, .into = &tunnel},
                                   {.name = names.endpoint, .into = &endpoint}}};
  TunnelFields fields;
  fields.error = unmarshal(json, wanted);
  if (secret.type != JsonType::string) return std::nullopt;
  const auto bytes = decode_damaged_base64(secret.text.reveal());
  fields.account = text_of(account);
  if (!bytes || bytes->size() < least_mended_secret || !is_account_id(fields.account)) {
    return std::nullopt;
  }
  take_bytes(fields.secret, bytes->reveal());
  fields.tunnel = parse_uuid(text_of(tunnel)).value_or(Uuid{});
  fields.endpoint = text_of(endpoint);
  return fields;
}

Credential accepted_tunnel_credential(std::string_view kind, const TunnelFields& fields,
                                      std::string_view hmac_key) {
  Credential credential = tunnel_credential(kind, fields, hmac_key);
  std::vector<std::string_view> missing;
  if (fields.account.empty()) missing.emplace_back("no account id");
  if (fields.tunnel.is_nil()) missing.emplace_back("no tunnel id");
  if (fields.secret.size() == 0) missing.emplace_back("no secret");
  credential.status = missing.empty() ? Status::usable : Status::incomplete;
  credential.reason = joined_clauses(missing);
  return credential;
}

Credential damaged_tunnel_credential(std::string_view kind, const TunnelFields& fields,
                                     std::string_view hmac_key) {
  Credential credential = tunnel_credential(kind, fields, hmac_key);
  credential.status = Status::damaged;
  return credential;
}

}  // namespace cfwarden
