// What a credential is and what it can do. Never the secret itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace cfwarden {

// What cloudflared makes of it.
enum class Status {
  usable,      // 2026.8.2 accepts it and nothing is missing.
  incomplete,  // 2026.8.2 parses it, but account, tunnel, zone or secret is missing.
  legacy,      // Only 2022.10.3 and older accept it.
  damaged,     // Refused, but whoever holds it can recover the secret.
  rejected,    // Refused, and nothing to recover.
};

// What its holder may do, least first: a wider one compares greater.
enum class Authority { none, call_application, act_as_user, run_tunnel, manage_account };

// What can be said of the secret's strength without keeping it.
enum class SecretQuality {
  unknown,  // There is no secret, or it could not be read.
  ordinary,
  published,    // The example secret of Cloudflare's documentation.
  predictable,  // Constant or sequential bytes.
};

struct Scope {  // "" where unknown. Text from the credential: hostile.
  std::string account;
  std::string zone;
  std::string tunnel;  // Canonical lower-case UUID; "" for the nil UUID.
  std::string endpoint;
};

struct Credential {
  std::string kind;  // A name of kinds/all_kinds.cc.
  Status status = Status::rejected;
  std::string reason;  // Why it is not usable; "" when it is. Our own words, no input bytes.
  Authority authority = Authority::none;
  Scope scope;
  std::string fingerprint;                  // "" when the secret is empty.
  std::optional<std::size_t> secret_bytes;  // Of the decoded secret; nullopt when none was read.
  SecretQuality secret_quality = SecretQuality::unknown;
  std::optional<std::int64_t> not_after;  // X.509 end of validity, seconds since the epoch.
  std::optional<std::int64_t> expires;    // JWT exp, seconds since the epoch.
  std::string issuer;                     // JWT iss. Hostile text.
  std::string audience_claim;             // JWT aud (first). Hostile text.
};

struct NotThisKind {};

// It set out to be this kind, and cloudflared refuses it with nothing to recover.
struct Malformed {
  std::string kind;
  std::string why;                    // Our own words; names the size cap where that is the reason.
  std::optional<std::size_t> offset;  // Of the first bad byte, where that is known.
};

using Decoded = std::variant<NotThisKind, Malformed, Credential>;

}  // namespace cfwarden
