#include "cfwarden/base/uuid.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/kind.h"

#include <array>

namespace cfwarden {
namespace {

constexpr std::array kinds{
    Kind{.name = account_certificate_kind,
         .title = "Account certificate",
         .summary = "cert.pem: creates, deletes and re-routes every tunnel of an account",
         .decode = recognise_account_certificate},
    Kind{.name = tunnel_credentials_kind,
         .title = "Tunnel credentials",
         .summary = "<UUID>.json: runs one locally-managed tunnel",
         .decode = recognise_tunnel_credentials},
    Kind{.name = tunnel_token_kind,
         .title = "Tunnel token",
         .summary = "eyJ...: runs one tunnel, from anywhere",
         .decode = recognise_tunnel_token},
    Kind{.name = access_token_kind,
         .title = "Access token",
         .summary = "*-token: a user's session with an application or an organisation",
         .decode = recognise_access_token},
    Kind{.name = access_service_token_kind,
         .title = "Access service token",
         .summary = "client id and secret: calls an application without a user",
         .decode = recognise_access_service_token},
    Kind{.name = ssh_key_kind,
         .title = "SSH key",
         .summary = "*-cf_key: the key of a short-lived SSH certificate",
         .decode = recognise_ssh_key},
    Kind{.name = planted_key_pair_kind,
         .title = "Planted key pair",
         .summary = "cloudflared_priv.pem: lets whoever left it read what a login brings",
         .decode = recognise_planted_key_pair},
    Kind{.name = configured_secret_kind,
         .title = "Secret in a configuration",
         .summary = "api-key and its kin in config.yml: opens whatever service it is a key to",
         .decode = recognise_configured_secret},
    Kind{.name = tunnel_secret_kind,
         .title = "Tunnel secret",
         .summary = "tunnel_secret: with the ids of account and tunnel, runs one tunnel",
         .decode = recognise_tunnel_secret},
};

constexpr std::size_t uuid_text_size = 36;

bool is_uuid_json(std::string_view name) {
  constexpr std::string_view extension = ".json";
  if (name.size() != uuid_text_size + extension.size() || !name.ends_with(extension)) return false;
  return parse_uuid(name.substr(0, uuid_text_size)).has_value();
}

}  // namespace

std::span<const Kind> all_kinds() {
  return kinds;
}

const Kind* find_kind(std::string_view name) {
  for (const Kind& kind : kinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

Decoded recognise(const Sample& sample) {
  // Its name is all that a file over the cap can be known by.
  if (auto over = refuse_size(kind_of_name(sample.file_name), sample)) return *over;
  for (const Kind& kind : kinds) {
    Decoded decoded = kind.decode(sample);
    if (!std::holds_alternative<NotThisKind>(decoded)) return decoded;
  }
  return NotThisKind{};
}

std::string_view kind_of_name(std::string_view file_name) {
  if (file_name == "cert.pem") return account_certificate_kind;
  if (file_name == "token") return tunnel_token_kind;
  if (file_name == "cloudflared_priv.pem") return planted_key_pair_kind;
  if (file_name.ends_with("-token")) return access_token_kind;
  if (file_name.ends_with("-cf_key")) return ssh_key_kind;
  if (is_uuid_json(file_name)) return tunnel_credentials_kind;
  return {};
}

}  // namespace cfwarden
