// What a tunnel token and a tunnel credentials file have in common: four fields under other names.
#pragma once

#include "cfwarden/base/go_json.h"
#include "cfwarden/kinds/decoders.h"

#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

struct TunnelFieldNames {
  std::string_view account, secret, tunnel, endpoint;
};

inline constexpr TunnelFieldNames token_field_names{
    .account = "a", .secret = "s", .tunnel = "t", .endpoint = "e"};
inline constexpr TunnelFieldNames credentials_field_names{.account = "AccountTag",
                                                          .secret = "TunnelSecret",
                                                          .tunnel = "TunnelID",
                                                          .endpoint = "Endpoint"};

struct TunnelFields {
  std::string account;
  GoBytes secret;
  Uuid tunnel;
  std::string endpoint;
  bool has_account = false;  // The key is there, with whatever value.
  bool has_secret = false;
  bool has_tunnel = false;
  std::optional<JsonError> error;  // Why cloudflared refuses the document.
};

TunnelFields read_tunnel_fields(std::string_view json, const TunnelFieldNames& names);

// Takes what can be had from a document that cloudflared refuses; nullopt unless that is a whole
// account id and a secret of a credible size.
std::optional<TunnelFields> mend_tunnel_fields(std::string_view json,
                                               const TunnelFieldNames& names);

// Usable or incomplete.
Credential accepted_tunnel_credential(std::string_view kind, const TunnelFields& fields,
                                      std::string_view hmac_key);
Credential damaged_tunnel_credential(std::string_view kind, const TunnelFields& fields,
                                     std::string_view hmac_key);

}  // namespace cfwarden
