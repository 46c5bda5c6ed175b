#include "cfwarden/kinds/decoders.h"

#include "cfwarden/base/fingerprint.h"

#include <string>

namespace cfwarden {
namespace {

// The secret of the example in Cloudflare's documentation: 1 to 8, thrice, and again.
constexpr std::string_view published_secret{
    "\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10", 32};

// Every byte differs from the one before by the same step of 0, 1 or -1.
bool is_predictable(std::string_view secret) {
  if (secret.size() < 2) return false;
  const auto step = static_cast<unsigned char>(secret[1] - secret[0]);
  if (step != 0 && step != 1 && step != 0xff) return false;
  for (std::size_t i = 2; i < secret.size(); ++i) {
    if (static_cast<unsigned char>(secret[i] - secret[i - 1]) != step) return false;
  }
  return true;
}

SecretQuality quality_of(std::string_view secret) {
  if (secret.empty()) return SecretQuality::unknown;
  if (secret == published_secret) return SecretQuality::published;
  return is_predictable(secret) ? SecretQuality::predictable : SecretQuality::ordinary;
}

}  // namespace

std::optional<Malformed> refuse_size(std::string_view kind, const Sample& sample) {
  if (sample.bytes.size() <= max_credential_bytes) return std::nullopt;
  static_assert(max_credential_bytes == 65'536);
  return Malformed{.kind = std::string{kind},
                   .why = "larger than the cap of 65,536 bytes for a credential",
                   .offset = std::nullopt};
}

void describe_secret(Credential& credential, std::string_view secret, std::string_view hmac_key) {
  credential.fingerprint = fingerprint(secret, hmac_key);
  credential.secret_bytes = secret.size();
  credential.secret_quality = quality_of(secret);
  if (secret.empty()) credential.authority = Authority::none;
}

std::string reason_of_refusal(const Malformed& refusal) {
  std::string reason = "cloudflared refuses it: " + refusal.why;
  if (refusal.offset) reason += " (byte " + std::to_string(*refusal.offset) + ")";
  return reason;
}

std::string joined_clauses(std::span<const std::string_view> clauses) {
  std::string text;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (i > 0) text += i + 1 == clauses.size() ? " and " : ", ";
    text += clauses[i];
  }
  return text;
}

}  // namespace cfwarden
