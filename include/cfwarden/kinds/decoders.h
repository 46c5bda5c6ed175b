// The rows of the table, one decoder a file, and what they share.
//
// Promises  a row's decoder answers NotThisKind for what belongs to another program.
#pragma once

#include "cfwarden/kinds/kind.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

inline constexpr std::string_view account_certificate_kind = "account-certificate";
inline constexpr std::string_view tunnel_credentials_kind = "tunnel-credentials";
inline constexpr std::string_view tunnel_token_kind = "tunnel-token";
inline constexpr std::string_view access_token_kind = "access-token";
inline constexpr std::string_view access_service_token_kind = "access-service-token";
inline constexpr std::string_view ssh_key_kind = "ssh-key";
inline constexpr std::string_view planted_key_pair_kind = "planted-key-pair";
// What opens some other service: Cloudflare's API, or the store of the session logs. Nothing in its
// text says which, or how far it goes, so that its authority is the least of a usable secret.
inline constexpr std::string_view configured_secret_kind = "configured-secret";
// A tunnel's secret by itself, as `tunnel_secret` of Terraform: whose it is, is said elsewhere.
inline constexpr std::string_view tunnel_secret_kind = "tunnel-secret";

Decoded recognise_account_certificate(const Sample& sample);
Decoded recognise_tunnel_credentials(const Sample& sample);
Decoded recognise_tunnel_token(const Sample& sample);
Decoded recognise_access_token(const Sample& sample);
Decoded recognise_access_service_token(const Sample& sample);
Decoded recognise_ssh_key(const Sample& sample);
Decoded recognise_planted_key_pair(const Sample& sample);
Decoded recognise_configured_secret(const Sample& sample);  // Never one: only its key tells it.
Decoded recognise_tunnel_secret(const Sample& sample);      // Nor this.

// Malformed when the sample is over the cap.
std::optional<Malformed> refuse_size(std::string_view kind, const Sample& sample);

// Fills what may be said of a secret: fingerprint, size, quality. Without one there is nothing that
// its holder may do.
void describe_secret(Credential& credential, std::string_view secret, std::string_view hmac_key);

// A variable, a template, or what documentation puts where a secret belongs. Expects a text that is
// not empty.
bool is_placeholder(std::string_view text);

// Of a credential inside other text.
inline constexpr std::string_view embedded_reason =
    "cloudflared refuses it: other text stands around it";

// What a damaged credential says of cloudflared's refusal.
std::string reason_of_refusal(const Malformed& refusal);

// "no account id", "no account id and no secret": what an accepted credential lacks.
std::string joined_clauses(std::span<const std::string_view> clauses);

}  // namespace cfwarden
