#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/kind.h"

#include <array>

namespace cfwarden {
namespace {

constexpr std::array pages{
    KindPage{
        .kind = account_certificate_kind,
        .purpose = "authenticates this cloudflared against a Cloudflare account",
        .scope = "the whole account: every tunnel in it, whoever created it, although a zone is "
                 "named in it",
        .file_name = "cert.pem",
        .file_type = ".pem",
        .stored_in = "the default cloudflared directory of whoever logged in: ~/.cloudflared, or "
                     "/etc/cloudflared and /usr/local/etc/cloudflared",
        .issued_by = "cloudflared tunnel login",
        .valid_for = "at least 10 years; the API token in it until it is revoked, that is deleted "
                     "in the dashboard",
        .needed_to = "manage tunnels: create, route, delete and list them",
        .can_also = "do the same to tunnels that other users of the account created; ownership of "
                    "a tunnel is bound to the account, not to a user. A server that only runs "
                    "tunnels does not need it",
    },
    KindPage{
        .kind = tunnel_credentials_kind,
        .purpose = "authenticates the one locally-managed tunnel that it was created for",
        .scope = "that tunnel only",
        .file_name = "<TUNNEL-UUID>.json",
        .file_type = ".json",
        .stored_in = "the default cloudflared directory, beside cert.pem, or wherever "
                     "credentials-file points",
        .issued_by = "cloudflared tunnel create <NAME>",
        .valid_for = "does not expire; until the tunnel's secret is replaced or the tunnel deleted",
        .needed_to = "run the tunnel, and name it in a configuration file",
        .can_also = "nothing else: it cannot call Cloudflare's API, so it can be given to those "
                    "who run the tunnel. From anywhere, though, its holder receives the traffic of "
                    "the tunnel's hostnames",
    },
    KindPage{
        .kind = tunnel_token_kind,
        .purpose = "authenticates one remotely-managed tunnel; all that is needed to run it",
        .scope = "that tunnel only",
        .file_name = "token, or no file: an argument, a variable or a key of config.yml",
        .file_type = "one line of base64 (eyJ...)",
        .stored_in = "/etc/cloudflared/token since 2026.7.2; before that in the service's own "
                     "definition; else wherever it was pasted",
        .issued_by = "the dashboard (Zero Trust > Networks > Connectors > Cloudflare Tunnels), the "
                     "API, Terraform, or cloudflared tunnel token <NAME>",
        .valid_for =
            "does not expire; until it is refreshed. Connectors that are already connected "
            "stay so until their connections are deleted",
        .needed_to = "run the tunnel, on any number of replicas",
        .can_also = "nothing else: it cannot call Cloudflare's API. From anywhere, though, its "
                    "holder can run the tunnel and receive the traffic of its hostnames",
    },
    KindPage{
        .kind = tunnel_secret_kind,
        .purpose = "the secret alone that the credentials and the token of a tunnel are made of",
        .scope = "the tunnel that it was given to when that was created or its token refreshed",
        .file_name = "any: a value under a key such as tunnel_secret or TunnelSecret",
        .file_type = "base64, of 32 bytes as a rule",
        .stored_in = "where a tunnel is made by a program: states and variables of Terraform or "
                     "Pulumi, playbooks, scripts and requests to the API. Only a sweep looks there",
        .issued_by =
            "whoever made the tunnel: openssl rand, random_id of Terraform, or cloudflared "
            "tunnel create, which keeps it in <TUNNEL-UUID>.json",
        .valid_for = "does not expire; until the tunnel's secret is replaced or the tunnel deleted",
        .needed_to =
            "make the tunnel's credentials or token, with the ids of its account and tunnel",
        .can_also = "the same for whoever copies it: those ids are no secrets, and often stand "
                    "nearby",
    },
};

}  // namespace

std::span<const KindPage> kind_pages() {
  return pages;
}

}  // namespace cfwarden
