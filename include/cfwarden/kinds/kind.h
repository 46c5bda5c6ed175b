// Every kind of credential cfwarden knows, as one table.
//
// Supplies  all_kinds(): the table, most specific kind first; recognise() over all of it.
// Expects   decoders to be pure: bytes in, a Decoded out; no I/O, no clock, no throw.
// Promises  a Credential never contains a secret, only its fingerprint; `why` and `reason` are our
//           own words and never quote the input. Input over max_credential_bytes is Malformed,
//           and the reason names the cap.
//
// To add a kind: write src/kinds/<kind>.cc and add its row in src/kinds/all_kinds.cc.
#pragma once

#include "cfwarden/model/credential.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace cfwarden {

inline constexpr std::size_t max_credential_bytes = 64 * 1024;

// What a decoder is shown. Views borrowed for the call.
struct Sample {
  std::string_view bytes;
  std::string_view
      file_name;              // Last component, a backup's suffix taken off; "" when there is none.
  std::string_view hmac_key;  // For fingerprint(); empty: plain SHA-256.
};

// How cloudflared is handed a token: as a flag, variable or config key, or in a file.
enum class Handover { value, file };

struct Kind {
  std::string_view name;     // Stable: printed in reports and written in rules.
  std::string_view title;    // For people: "Account certificate".
  std::string_view summary;  // One line.
  Decoded (*decode)(const Sample& sample);
};

std::span<const Kind> all_kinds();
const Kind* find_kind(std::string_view name);

// The first kind of the table that does not answer NotThisKind. Also finds damaged credentials
// (unpadded, url alphabet, quoted, indented).
Decoded recognise(const Sample& sample);

// Decodes as cloudflared would if it were told that this is such a thing: `inspect --as`.
// Never NotThisKind. Tokens: Handover::value takes the bytes as they stand, file trims as Go's
// TrimSpace.
Decoded decode_token(const Sample& sample, Handover handover);
Decoded decode_tunnel_credentials(const Sample& sample);
Decoded decode_account_certificate(const Sample& sample);

// The value of a key that is there for a secret of no known form, such as `api-key`. NotThisKind
// for what is too short, and for what only holds the place of a secret.
Decoded decode_configured_secret(const Sample& sample);

// The value of a key for a tunnel's secret, such as `tunnel_secret`, and the ids that stand beside
// it; "" where they do not. With both it is tunnel credentials, else a tunnel secret, which is
// incomplete. NotThisKind for what is no base64 of a credible size, and for placeholders.
struct TunnelSecretSample {
  std::string_view secret, account, tunnel;
  std::string_view hmac_key;
};
Decoded decode_tunnel_secret(const TunnelSecretSample& sample);

// The kind that cloudflared gives a file of this name ("cert.pem", "<UUID>.json", "token",
// "*-token", "*-cf_key", "cloudflared_priv.pem"); "" for any other name. Backup suffixes are to be
// taken off first.
std::string_view kind_of_name(std::string_view file_name);

// What is to be compared of the kinds that run or manage tunnels, for `explain KIND`.
struct KindPage {
  std::string_view kind;
  std::string_view purpose, scope, file_name, file_type, stored_in, issued_by, valid_for, needed_to,
      can_also;
};
std::span<const KindPage> kind_pages();

}  // namespace cfwarden
