#include "cfwarden/output/inspection.h"

#include <nlohmann/json.hpp>

#include "cfwarden/model/words.h"
#include "cfwarden/output/json_values.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"

#include <ostream>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view not_this_kind = "not a Cloudflare Tunnel credential";

std::string reason_of(const Malformed& malformed) {
  if (!malformed.offset) return malformed.why;
  return malformed.why + " (at byte " + std::to_string(*malformed.offset) + ")";
}

// Every key, all unknown but the verdict.
ordered_json rejection(const std::string& kind, std::string_view reason) {
  ordered_json object;
  object["kind"] = json_or_null<ordered_json>(kind);
  object["status"] = name_of(Status::rejected);
  object["reason"] = json_text(reason);
  for (const char* key :
       {"account", "zone", "tunnel", "endpoint", "secret_bytes", "fingerprint", "authority"}) {
    object[key] = nullptr;
  }
  return object;
}

struct ToJson {
  ordered_json operator()(const NotThisKind&) const { return rejection({}, not_this_kind); }
  ordered_json operator()(const Malformed& malformed) const {
    return rejection(malformed.kind, reason_of(malformed));
  }
  ordered_json operator()(const Credential& credential) const {
    ordered_json object;
    object["kind"] = json_or_null<ordered_json>(credential.kind);
    object["status"] = name_of(credential.status);
    object["reason"] = json_or_null<ordered_json>(credential.reason);
    object["account"] = json_or_null<ordered_json>(credential.scope.account);
    object["zone"] = json_or_null<ordered_json>(credential.scope.zone);
    object["tunnel"] = json_or_null<ordered_json>(credential.scope.tunnel);
    object["endpoint"] = json_or_null<ordered_json>(credential.scope.endpoint);
    object["secret_bytes"] = json_or_null<ordered_json>(credential.secret_bytes);
    object["fingerprint"] = json_or_null<ordered_json>(credential.fingerprint);
    object["authority"] = name_of(credential.authority);
    return object;
  }
};

// One labelled row of the words; nothing for an empty text.
void print_row(std::string_view label, std::string_view text, const Terminal& terminal,
               std::ostream& out) {
  constexpr std::size_t label_columns = 15;
  if (text.empty()) return;
  print_hanging({.lead = padded("  " + std::string{label}, label_columns),
                 .lead_columns = label_columns,
                 .hang = label_columns},
                text, terminal, out);
}

std::string secret_text(const Credential& credential) {
  if (!credential.secret_bytes) return {};
  if (*credential.secret_bytes == 0) return "empty";
  std::string text = counted(*credential.secret_bytes, "byte") + ", not shown";
  if (credential.secret_quality == SecretQuality::published) {
    text += ": the example of Cloudflare's documentation, known to everyone";
  } else if (credential.secret_quality == SecretQuality::predictable) {
    text += ": predictable, the bytes are constant or count up";
  }
  return text;
}

std::string day_text(const std::optional<std::int64_t>& seconds) {
  return seconds ? utc_text(*seconds) : std::string{};
}

struct ToWords {
  const Terminal& terminal;
  std::ostream& out;

  void operator()(const NotThisKind&) const {
    out << "Not a Cloudflare Tunnel credential\n";
    print_row("known are",
              "account certificates (cert.pem), tunnel credentials (UUID.json), tunnel tokens, "
              "Access tokens and keys",
              terminal, out);
  }
  void operator()(const Malformed& malformed) const {
    out << kind_title(malformed.kind) << ", rejected\n";
    print_row("verdict", verdict(Status::rejected), terminal, out);
    print_row("because", shown(reason_of(malformed), terminal), terminal, out);
  }
  void operator()(const Credential& credential) const {
    out << kind_title(credential.kind) << ", " << name_of(credential.status) << '\n';
    print_row("can do", can_do(credential, terminal), terminal, out);
    print_row("verdict", verdict(credential.status), terminal, out);
    print_row("because", shown(credential.reason, terminal), terminal, out);
    print_row("account", shown(credential.scope.account, terminal), terminal, out);
    print_row("zone", shown(credential.scope.zone, terminal), terminal, out);
    print_row("tunnel", shown(credential.scope.tunnel, terminal), terminal, out);
    print_row("endpoint", shown(credential.scope.endpoint, terminal), terminal, out);
    print_row("issuer", shown(credential.issuer, terminal), terminal, out);
    print_row("audience", shown(credential.audience_claim, terminal), terminal, out);
    print_row("expires", day_text(credential.expires), terminal, out);
    print_row("not after", day_text(credential.not_after), terminal, out);
    print_row("secret", secret_text(credential), terminal, out);
    print_row("fingerprint", shown(credential.fingerprint, terminal), terminal, out);
  }
};

}  // namespace

void write_inspection(const Decoded& decoded, const Terminal& terminal, std::ostream& out) {
  std::visit(ToWords{terminal, out}, decoded);
}

void write_inspection_json(const Decoded& decoded, std::ostream& out) {
  out << without_delete(std::visit(ToJson{}, decoded).dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
