#include "cfwarden/base/base64.h"
#include "cfwarden/base/go_text.h"
#include "cfwarden/kinds/embedded.h"
#include "cfwarden/kinds/repair.h"
#include "cfwarden/kinds/tunnel_fields.h"

#include <utility>

namespace cfwarden {
namespace {

// A Kubernetes Secret holds base64 of the token, Terraform's base64 of that.
constexpr int most_wrappings = 4;
// Shorter than any token with an account id, a tunnel id and a secret.
constexpr std::size_t least_run = 100;

// What cloudflared's ParseToken makes of the bytes.
struct Reading {
  std::optional<TunnelFields> fields;  // Of the JSON, whether cloudflared accepts it or not.
  Malformed refusal;                   // Why cloudflared refuses, when it does.
  bool accepted = false;
};

Malformed refused(std::string why, std::optional<std::size_t> offset) {
  return {.kind = std::string{tunnel_token_kind}, .why = std::move(why), .offset = offset};
}

Reading read_token(std::string_view text) {
  Reading reading;
  const auto json = decode_base64(text);
  if (!json) {
    reading.refusal = refused("the text is not base64", measure_base64(text).bad_byte);
    return reading;
  }
  reading.fields = read_tunnel_fields(json->reveal(), token_field_names);
  reading.accepted = !reading.fields->error;
  if (!reading.accepted) {
    // The offset is one in the decoded JSON, which nobody sees.
    reading.refusal = refused(std::string{clause_of(reading.fields->error->flaw)}, std::nullopt);
  }
  return reading;
}

// The token that a damaged text holds, however many times it is wrapped in base64.
std::optional<TunnelFields> mended(std::string_view text) {
  std::optional<Secret> inner = decode_damaged_base64(text);
  for (int wrapping = 0; inner && wrapping < most_wrappings; ++wrapping) {
    const std::string_view plain = trim_space(inner->reveal());
    if (plain.starts_with('{')) {
      TunnelFields fields = read_tunnel_fields(plain, token_field_names);
      if (!fields.error && !fields.account.empty() && fields.secret.size() > 0) return fields;
      return mend_tunnel_fields(plain, token_field_names);
    }
    std::optional<Secret> next = decode_damaged_base64(plain);
    inner = std::move(next);
  }
  return std::nullopt;
}

std::optional<TunnelFields> salvaged(std::string_view bytes) {
  const PlainText plain{bytes};
  const std::string_view whole = unquoted(plain.reveal());
  if (auto fields = mended(whole)) return fields;
  for (const std::string_view run : promising_runs(plain.reveal(), least_run)) {
    if (run.size() == whole.size()) continue;
    if (auto fields = mended(run)) return fields;
  }
  return std::nullopt;
}

std::optional<Credential> damaged_token(const Sample& sample, const Malformed& refusal) {
  const auto fields = salvaged(sample.bytes);
  if (!fields) return std::nullopt;
  Credential credential = damaged_tunnel_credential(tunnel_token_kind, *fields, sample.hmac_key);
  credential.reason = reason_of_refusal(refusal);
  return credential;
}

// JSON with these keys set out to be a token; any other JSON is another program's.
bool is_token_object(const TunnelFields& fields) {
  return fields.has_secret || (fields.has_account && fields.has_tunnel);
}
bool is_broken_token_object(const TunnelFields& fields) {
  return fields.has_account && fields.has_secret && fields.has_tunnel;
}

}  // namespace

Decoded decode_token(const Sample& sample, Handover handover) {
  if (auto over = refuse_size(tunnel_token_kind, sample)) return *over;
  const std::string_view text =
      handover == Handover::file ? trim_space(sample.bytes) : sample.bytes;
  if (text.empty()) return refused("empty: cloudflared treats it as unset", std::nullopt);
  Reading reading = read_token(text);
  if (reading.accepted) {
    return accepted_tunnel_credential(tunnel_token_kind, *reading.fields, sample.hmac_key);
  }
  if (auto damaged = damaged_token(sample, reading.refusal)) return *damaged;
  return reading.refusal;
}

Decoded recognise_tunnel_token(const Sample& sample) {
  if (refuse_size(tunnel_token_kind, sample)) return NotThisKind{};
  Reading reading = read_token(trim_space(sample.bytes));
  if (reading.accepted) {
    if (!is_token_object(*reading.fields)) return NotThisKind{};
    return accepted_tunnel_credential(tunnel_token_kind, *reading.fields, sample.hmac_key);
  }
  if (auto damaged = damaged_token(sample, reading.refusal)) return *damaged;
  if (reading.fields && is_broken_token_object(*reading.fields)) return reading.refusal;
  return NotThisKind{};
}

void find_tunnel_tokens(std::string_view text, std::string_view hmac_key, Finds& finds) {
  for (const std::string_view run : promising_runs(text, least_run)) {
    if (finds.more()) return;
    const auto fields = mended(run);
    if (!fields) continue;
    Credential credential = damaged_tunnel_credential(tunnel_token_kind, *fields, hmac_key);
    credential.reason = embedded_reason;
    finds.add(static_cast<std::size_t>(run.data() - text.data()), std::move(credential));
  }
}

}  // namespace cfwarden
