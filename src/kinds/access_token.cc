#include "cfwarden/base/ascii.h"
#include "cfwarden/base/base64.h"
#include "cfwarden/base/go_json.h"
#include "cfwarden/base/go_text.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/repair.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace cfwarden {
namespace {

constexpr std::string_view issuer_start = "https://";
// Of every team, those of the FedRAMP network (<team>.fed.cloudflareaccess.com) included.
constexpr std::string_view team_domain_end = ".cloudflareaccess.com";
constexpr std::size_t audience_digits = 64;

// A JWT is three runs of base64url with dots between them.
struct Segments {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
};

bool is_segment(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char b) { return is_base64_letter(b) && b != '+' && b != '/'; });
}

std::optional<Segments> segments_of(std::string_view text) {
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const Segments segments{.header = text.substr(0, first),
                          .claims = text.substr(first + 1, second - first - 1),
                          .signature = text.substr(second + 1)};
  if (!is_segment(segments.header) || !is_segment(segments.claims) ||
      !is_segment(segments.signature)) {
    return std::nullopt;
  }
  return segments;
}

bool is_header(std::string_view segment) {
  const auto json = decode_damaged_base64(segment);
  if (!json) return false;
  LooseValue algorithm;
  std::array<JsonField, 1> fields{{{.name = "alg", .into = &algorithm}}};
  return !unmarshal(json->reveal(), fields) && algorithm.type == JsonType::string;
}

struct Claims {
  std::string issuer;
  std::string audience;
  std::string type;
  std::optional<std::int64_t> expires;
};

std::string text_of(const LooseValue& value) {
  const bool holds_text = value.type == JsonType::string || value.type == JsonType::array;
  return holds_text ? std::string{value.text.reveal()} : std::string{};
}

// RFC 7519 allows a fraction. Times beyond any calendar are no times.
std::optional<std::int64_t> seconds_of(const LooseValue& value) {
  constexpr double latest = 253'402'300'799.0;  // The end of the year 9999.
  if (value.type != JsonType::number) return std::nullopt;
  // Not std::from_chars: libstdc++'s would bring libm into the one file that is shipped.
  const std::string literal{value.text.reveal()};
  const double seconds = std::strtod(literal.c_str(), nullptr);
  if (!(std::fabs(seconds) <= latest)) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

std::optional<Claims> claims_of(std::string_view segment) {
  const auto json = decode_damaged_base64(segment);
  if (!json) return std::nullopt;
  LooseValue issuer;
  LooseValue audience;
  LooseValue type;
  LooseValue expires;
  std::array<JsonField, 4> fields{{{.name = "iss", .into = &issuer},
                                   {.name = "aud", .into = &audience},
                                   {.name = "type", .into = &type},
                                   {.name = "exp", .into = &expires}}};
  if (unmarshal(json->reveal(), fields)) return std::nullopt;
  return Claims{.issuer = text_of(issuer),
                .audience = text_of(audience),
                .type = text_of(type),
                .expires = seconds_of(expires)};
}

bool is_host_byte(char byte) {
  return is_lower(byte) || is_upper(byte) || is_digit(byte) || byte == '-' || byte == '.';
}

bool is_team_domain(std::string_view host) {
  return host.size() > team_domain_end.size() && host.ends_with(team_domain_end) &&
         std::ranges::all_of(host, is_host_byte);
}

bool is_access_issuer(std::string_view issuer) {
  return issuer.starts_with(issuer_start) && is_team_domain(issuer.substr(issuer_start.size()));
}

// "<host>-<audience>", the path of the application in between.
bool names_application(std::string_view stem) {
  if (stem.size() <= audience_digits) return false;
  const std::string_view audience = stem.substr(stem.size() - audience_digits);
  const std::string_view before = stem.substr(0, stem.size() - audience_digits);
  return std::ranges::all_of(audience, is_hex_digit) && before.ends_with('-') &&
         before.find('.') != std::string_view::npos;
}

// Any program may call a JWT of its own something-token: only a name that cloudflared alone gives
// stands in for the issuer.
bool is_access_token_name(std::string_view file_name) {
  constexpr std::string_view application_end = "-token";
  constexpr std::string_view organisation_end = "-org-token";
  if (file_name.ends_with(organisation_end)) {
    return is_team_domain(file_name.substr(0, file_name.size() - organisation_end.size()));
  }
  return file_name.ends_with(application_end) &&
         names_application(file_name.substr(0, file_name.size() - application_end.size()));
}

// An organisation token can be exchanged for a token of every application its user may open.
Authority authority_of(const Sample& sample, const Claims& claims) {
  const bool organisation = sample.file_name.ends_with("-org-token") || claims.type == "org";
  return organisation ? Authority::act_as_user : Authority::call_application;
}

Credential access_credential(const Sample& sample, const Claims& claims, std::string_view token) {
  Credential credential;
  credential.kind = access_token_kind;
  credential.status = Status::usable;
  credential.authority = authority_of(sample, claims);
  credential.issuer = claims.issuer;
  credential.audience_claim = claims.audience;
  credential.expires = claims.expires;
  describe_secret(credential, token, sample.hmac_key);
  if (token.ends_with('.')) {
    credential.status = Status::incomplete;
    credential.reason = "no signature";
  }
  return credential;
}

}  // namespace

Decoded recognise_access_token(const Sample& sample) {
  if (refuse_size(access_token_kind, sample)) return NotThisKind{};
  const std::string_view trimmed = trim_space(sample.bytes);
  const std::string_view token = unquoted(trimmed);
  const auto segments = segments_of(token);
  if (!segments || !is_header(segments->header)) return NotThisKind{};
  const auto claims = claims_of(segments->claims);
  const bool is_named = is_access_token_name(sample.file_name);
  if (!claims || (!is_named && !is_access_issuer(claims->issuer))) return NotThisKind{};
  Credential credential = access_credential(sample, *claims, token);
  if (token.size() != trimmed.size()) {
    credential.status = Status::damaged;
    credential.reason = "cloudflared refuses it: it is quoted";
  }
  return credential;
}

}  // namespace cfwarden
