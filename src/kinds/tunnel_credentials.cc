#include "cfwarden/base/base64.h"
#include "cfwarden/base/go_text.h"
#include "cfwarden/kinds/embedded.h"
#include "cfwarden/kinds/repair.h"
#include "cfwarden/kinds/tunnel_fields.h"

#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::string_view secret_word = "tunnelsecret";
constexpr std::size_t least_run = 100;
constexpr auto npos = std::string_view::npos;

Malformed refused(const JsonError& error) {
  return {.kind = std::string{tunnel_credentials_kind},
          .why = std::string{clause_of(error.flaw)},
          .offset = error.offset};
}

// cloudflared 2020.6.4 wrote the bytes of the JSON as Go prints a slice: [123 34 65 ...].
std::optional<Secret> decimal_list(std::string_view text) {
  text = trim_space(text);
  if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  Secret bytes{text.size()};
  std::size_t size = 0;
  constexpr int none = -1;
  int number = none;
  for (const char byte : text.substr(1)) {
    if (byte >= '0' && byte <= '9') {
      number = (number == none ? 0 : number) * 10 + (byte - '0');
      if (number > 0xff) return std::nullopt;
      continue;
    }
    if (byte != ' ' && byte != ',' && byte != ']' && byte != '\n') return std::nullopt;
    if (number != none) bytes.writable()[size++] = static_cast<char>(number);
    number = none;
  }
  bytes.shrink(size);
  return bytes;
}

std::optional<TunnelFields> mended(std::string_view json) {
  TunnelFields fields = read_tunnel_fields(json, credentials_field_names);
  if (!fields.error && !fields.account.empty() && fields.secret.size() > 0) return fields;
  return mend_tunnel_fields(json, credentials_field_names);
}

// The object around the first TunnelSecret: behind a byte order mark, in a comment or a here
// document, inside another object.
std::optional<TunnelFields> embedded(std::string_view text) {
  const std::size_t secret = find_folded(text, secret_word);
  if (secret == npos) return std::nullopt;
  const std::size_t open = text.substr(0, secret).rfind('{');
  if (open == npos) return std::nullopt;
  return mended(text.substr(open));
}

// Where the objects around each TunnelSecret of a text begin.
std::vector<std::size_t> credentials_objects(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t secret = find_folded(text.substr(from), secret_word);
    if (secret == npos) break;
    // Behind the last secret: the object around that one is known.
    const std::size_t open = text.substr(from, secret).rfind('{');
    if (open != npos) starts.push_back(from + open);
    from += secret + secret_word.size();
  }
  return starts;
}

std::optional<TunnelFields> embedded_in_base64(std::string_view text) {
  const auto inner = decode_damaged_base64(text);
  return inner ? embedded(inner->reveal()) : std::nullopt;
}

std::optional<TunnelFields> salvaged(std::string_view bytes) {
  if (const auto list = decimal_list(bytes)) {
    if (auto fields = mended(list->reveal())) return fields;
  }
  if (auto fields = embedded(bytes)) return fields;
  const PlainText plain{bytes};
  if (auto fields = embedded(plain.reveal())) return fields;
  // A Kubernetes Secret holds base64 of the file, on one line or on many.
  const std::string_view whole = unquoted(plain.reveal());
  if (auto fields = embedded_in_base64(whole)) return fields;
  for (const std::string_view run : promising_runs(plain.reveal(), least_run)) {
    if (run.size() == whole.size()) continue;
    if (auto fields = embedded_in_base64(run)) return fields;
  }
  return std::nullopt;
}

std::optional<Credential> damaged_credentials(const Sample& sample, std::string reason) {
  const auto fields = salvaged(sample.bytes);
  if (!fields) return std::nullopt;
  Credential credential =
      damaged_tunnel_credential(tunnel_credentials_kind, *fields, sample.hmac_key);
  credential.reason = std::move(reason);
  return credential;
}

bool has_any_key(const TunnelFields& fields) {
  return fields.has_account || fields.has_secret || fields.has_tunnel;
}

// A tunnel's id alone stands in the JSON of many programs. A secret that cannot be read counts.
bool is_credentials_object(const TunnelFields& fields) {
  const bool holds_secret = fields.has_secret && (fields.error || fields.secret.size() > 0);
  return holds_secret || (fields.has_account && fields.has_tunnel);
}

}  // namespace

Decoded decode_tunnel_credentials(const Sample& sample) {
  if (auto over = refuse_size(tunnel_credentials_kind, sample)) return *over;
  const TunnelFields fields = read_tunnel_fields(sample.bytes, credentials_field_names);
  if (!fields.error) {
    return accepted_tunnel_credential(tunnel_credentials_kind, fields, sample.hmac_key);
  }
  const Malformed refusal = refused(*fields.error);
  if (auto damaged = damaged_credentials(sample, reason_of_refusal(refusal))) return *damaged;
  return refusal;
}

Decoded recognise_tunnel_credentials(const Sample& sample) {
  if (refuse_size(tunnel_credentials_kind, sample)) return NotThisKind{};
  const TunnelFields fields = read_tunnel_fields(sample.bytes, credentials_field_names);
  const bool is_named = kind_of_name(sample.file_name) == tunnel_credentials_kind;
  if (is_named ? has_any_key(fields) : is_credentials_object(fields)) {
    return decode_tunnel_credentials(sample);
  }
  std::string reason = fields.error ? reason_of_refusal(refused(*fields.error))
                                    : "cloudflared does not look inside another JSON object";
  if (auto damaged = damaged_credentials(sample, std::move(reason))) return *damaged;
  return NotThisKind{};
}

void find_tunnel_credentials(std::string_view text, std::string_view hmac_key, Finds& finds) {
  const auto add = [&](std::size_t offset, const std::optional<TunnelFields>& fields) {
    if (!fields) return;
    Credential credential = damaged_tunnel_credential(tunnel_credentials_kind, *fields, hmac_key);
    credential.reason = embedded_reason;
    finds.add(offset, std::move(credential));
  };
  const std::vector<std::size_t> starts = credentials_objects(text);
  // Each is read up to the next, so that objects inside each other are not read again and again.
  for (std::size_t i = 0; i < starts.size() && !finds.more(); ++i) {
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : text.size();
    add(starts[i], mended(text.substr(starts[i], end - starts[i])));
  }
  for (const std::string_view run : promising_runs(text, least_run)) {
    if (finds.more()) return;
    add(static_cast<std::size_t>(run.data() - text.data()), embedded_in_base64(run));
  }
}

}  // namespace cfwarden
