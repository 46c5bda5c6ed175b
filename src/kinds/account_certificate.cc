#include "cfwarden/base/base64.h"
#include "cfwarden/base/go_json.h"
#include "cfwarden/base/go_text.h"
#include "cfwarden/base/pem.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/embedded.h"
#include "cfwarden/kinds/pkcs8.h"
#include "cfwarden/kinds/repair.h"
#include "cfwarden/kinds/x509.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::string_view token_type = "ARGO TUNNEL TOKEN";
constexpr std::string_view old_token_type = "WARP TOKEN";
constexpr std::string_view key_type = "PRIVATE KEY";
constexpr std::string_view certificate_type = "CERTIFICATE";
constexpr std::size_t least_run = 60;
constexpr int most_wrappings = 2;

using Blocks = std::vector<PemBlock>;

struct Token {
  std::string zone;
  std::string account;
  std::string endpoint;
  Secret secret;
};

// What one version of cloudflared makes of the file: a token, or why not.
struct Verdict {
  std::optional<Token> token;
  std::string_view why;
};

Verdict refused(std::string_view why) {
  return {.token = std::nullopt, .why = why};
}

bool is_token(const PemBlock& block) {
  return block.type == token_type || block.type == old_token_type;
}

// The token's JSON, its secret under the name that a version of cloudflared gives it.
std::optional<JsonError> read_json(std::string_view json, std::string_view secret_name,
                                   Token& token) {
  std::array<JsonField, 4> fields{{{.name = "zoneID", .into = &token.zone},
                                   {.name = "accountID", .into = &token.account},
                                   {.name = secret_name, .into = &token.secret},
                                   {.name = "endpoint", .into = &token.endpoint}}};
  // Until 2022.10.3 there was no endpoint, whatever its type.
  const bool has_endpoint = secret_name == "apiToken";
  const auto error = unmarshal(json, std::span{fields}.first(has_endpoint ? 4 : 3));
  token.endpoint = lower_case(token.endpoint);
  return error;
}

// "zone LF key", the form before JSON.
bool read_lines(std::string_view body, Token& token) {
  const std::size_t feed = body.find('\n');
  if (feed == std::string_view::npos || body.find('\n', feed + 1) != std::string_view::npos) {
    return false;
  }
  token.zone = body.substr(0, feed);
  token.secret = Secret::copy_of(body.substr(feed + 1));
  return true;
}

bool is_empty(const Token& token) {
  return token.zone.empty() && token.secret.empty();
}
bool is_whole(const Token& token) {
  return !token.zone.empty() && !token.secret.empty();
}

// credentials/origin_cert.go of 2026.8.2.
Verdict verdict_of_2026(const Blocks& blocks) {
  Token token;
  for (const PemBlock& block : blocks) {
    if (block.type == key_type || block.type == certificate_type) continue;
    if (block.type != token_type) return refused("it holds a block of a type that is not allowed");
    if (!is_empty(token)) return refused("it holds more than one token");
    Token read;
    if (!read_json(block.bytes.reveal(), "apiToken", read)) token = std::move(read);
  }
  if (!is_whole(token)) return refused("it holds no token with a zone id and an API token");
  return {.token = std::move(token), .why = {}};
}

// certutil/certutil.go of 2022.10.3, but for the order in which it finds fault.
Verdict verdict_of_2022(const Blocks& blocks) {
  Token token;
  int keys = 0;
  int certificates = 0;
  for (const PemBlock& block : blocks) {
    const std::string_view bytes = block.bytes.reveal();
    if (block.type == key_type) {
      if (++keys > 1 || !is_private_key(bytes)) return refused("its private key is not one key");
    } else if (block.type == certificate_type) {
      if (++certificates > 1 || !is_certificate(bytes)) return refused("it is not one certificate");
    } else if (!is_token(block)) {
      return refused("it holds a block of a type that is not allowed");
    } else if (!is_empty(token)) {
      return refused("it holds more than one token");
    } else {
      Token read;
      if (!read_json(bytes, "serviceKey", read)) {
        token = std::move(read);
      } else if (!read_lines(bytes, token)) {
        return refused("its token is neither JSON nor two lines");
      }
    }
  }
  if (keys == 0 || certificates == 0) return refused("it lacks its private key or certificate");
  if (!is_whole(token)) return refused("it holds no token with a zone id and a service key");
  return {.token = std::move(token), .why = {}};
}

std::optional<std::int64_t> not_after_of(const Blocks& blocks) {
  for (const PemBlock& block : blocks) {
    if (block.type != certificate_type) continue;
    if (const auto time = certificate_not_after(block.bytes.reveal())) return time;
  }
  return std::nullopt;
}

Credential certificate_credential(const Token& token, const Blocks& blocks,
                                  std::string_view hmac_key) {
  Credential credential;
  credential.kind = account_certificate_kind;
  credential.authority = Authority::manage_account;
  credential.scope.account = token.account;
  credential.scope.zone = token.zone;
  credential.scope.endpoint = token.endpoint;
  credential.not_after = not_after_of(blocks);
  describe_secret(credential, token.secret.reveal(), hmac_key);
  return credential;
}

Credential accepted(const Token& token, const Blocks& blocks, std::string_view hmac_key) {
  Credential credential = certificate_credential(token, blocks, hmac_key);
  credential.status = token.account.empty() ? Status::incomplete : Status::usable;
  if (token.account.empty()) credential.reason = "no account id: it needs to be refreshed";
  return credential;
}

// The secret of a token block that cloudflared refuses, in whatever form it has.
std::optional<Token> salvaged_token(std::string_view body) {
  const std::string_view json = body.substr(std::min(body.find('{'), body.size()));
  for (const std::string_view secret_name : {"apiToken", "serviceKey"}) {
    Token token;
    (void)read_json(json, secret_name, token);  // What could be read before the error is enough.
    if (!token.secret.empty()) return token;
  }
  Token token;
  if (!body.starts_with('{') && read_lines(body, token) && is_whole(token)) return token;
  return std::nullopt;
}

std::optional<Token> salvaged_from(const Blocks& blocks) {
  for (const PemBlock& block : blocks) {
    if (!is_token(block)) continue;
    if (auto token = salvaged_token(block.bytes.reveal())) return token;
  }
  return std::nullopt;
}

bool has_secret_name(std::string_view json) {
  return find_folded(json, "apitoken") != std::string_view::npos ||
         find_folded(json, "servicekey") != std::string_view::npos;
}

std::optional<Token> salvaged_text(std::string_view bytes, int wrappings);

// The JSON of a token block that lost its BEGIN, or base64 of a whole PEM file.
std::optional<Token> salvaged_run(std::string_view run, int wrappings) {
  const auto inner = decode_damaged_base64(run);
  if (!inner) return std::nullopt;
  if (inner->reveal().starts_with('{')) {
    return has_secret_name(inner->reveal()) ? salvaged_token(inner->reveal()) : std::nullopt;
  }
  const bool is_pem = inner->reveal().starts_with("-----BEGIN ");
  const bool is_wrapped_pem = inner->reveal().starts_with("LS0t");
  if (wrappings == 0 || (!is_pem && !is_wrapped_pem)) return std::nullopt;
  return salvaged_text(inner->reveal(), wrappings - 1);
}

// A file that is no PEM as it stands: indented, on one line, escaped, in base64.
std::optional<Token> salvaged_text(std::string_view bytes, int wrappings) {
  const PlainText plain{bytes};
  if (auto token = salvaged_from(damaged_pem_blocks(plain.reveal()))) return token;
  std::string_view tried;
  for (const LineBreaks breaks : {LineBreaks::ignored, LineBreaks::end_a_run}) {
    for (const std::string_view run : promising_runs(plain.reveal(), least_run, breaks)) {
      if (run.data() == tried.data() && run.size() == tried.size()) continue;
      if (auto token = salvaged_run(run, wrappings)) return token;
      tried = run;
    }
  }
  return std::nullopt;
}

// Every block of a text with what follows it, up to the next one.
std::vector<std::string_view> parts_of(std::string_view text) {
  constexpr std::string_view begin = "-BEGIN ";
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(begin); at != std::string_view::npos;) {
    const std::size_t next = text.find(begin, at + begin.size());
    parts.push_back(text.substr(at, next - at));
    at = next;
  }
  return parts;
}

Malformed malformed(std::string_view why) {
  return {.kind = std::string{account_certificate_kind},
          .why = std::string{why},
          .offset = std::nullopt};
}

std::optional<Credential> damaged(const Sample& sample, const Blocks& blocks,
                                  std::string_view why) {
  std::optional<Token> token = salvaged_from(blocks);
  if (!token) token = salvaged_text(sample.bytes, most_wrappings);
  if (!token) return std::nullopt;
  Credential credential = certificate_credential(*token, blocks, sample.hmac_key);
  credential.status = Status::damaged;
  credential.reason = reason_of_refusal(malformed(why));
  return credential;
}

Decoded decode_blocks(const Sample& sample, const Blocks& blocks) {
  const Verdict current = verdict_of_2026(blocks);
  if (current.token) return accepted(*current.token, blocks, sample.hmac_key);
  if (const Verdict old = verdict_of_2022(blocks); old.token) {
    Credential credential = certificate_credential(*old.token, blocks, sample.hmac_key);
    credential.status = Status::legacy;
    credential.reason = "only cloudflared 2022.10.3 and older read this form";
    return credential;
  }
  if (auto credential = damaged(sample, blocks, current.why)) return *credential;
  return malformed(current.why);
}

}  // namespace

Decoded decode_account_certificate(const Sample& sample) {
  if (auto over = refuse_size(account_certificate_kind, sample)) return *over;
  if (sample.bytes.empty()) return malformed("empty");
  return decode_blocks(sample, pem_blocks(sample.bytes));
}

Decoded recognise_account_certificate(const Sample& sample) {
  if (refuse_size(account_certificate_kind, sample)) return NotThisKind{};
  const Blocks blocks = pem_blocks(sample.bytes);
  if (std::ranges::any_of(blocks, is_token)) return decode_blocks(sample, blocks);
  if (auto credential = damaged(sample, blocks, "no token block can be read")) return *credential;
  return NotThisKind{};
}

void find_account_certificates(std::string_view text, std::string_view hmac_key, Finds& finds) {
  const auto add = [&](std::string_view part, const std::optional<Token>& token) {
    if (!token) return;
    Credential credential = certificate_credential(*token, {}, hmac_key);
    credential.status = Status::damaged;
    credential.reason = embedded_reason;
    finds.add(static_cast<std::size_t>(part.data() - text.data()), std::move(credential));
  };
  for (const std::string_view part : parts_of(text)) {
    if (finds.more()) return;
    add(part, salvaged_from(damaged_pem_blocks(part)));
  }
  for (const LineBreaks breaks : {LineBreaks::ignored, LineBreaks::end_a_run}) {
    for (const std::string_view run : promising_runs(text, least_run, breaks)) {
      if (finds.more()) return;
      add(run, salvaged_run(run, most_wrappings));
    }
  }
}

}  // namespace cfwarden
