#include "cfwarden/host/examine.h"

#include "cfwarden/base/go_text.h"
#include "cfwarden/carriers/context.h"
#include "cfwarden/kinds/embedded.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/spots/spots.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_credentials = 32;  // Of one file.
constexpr const char* more_than_reported =
    "holds more than 32 credentials; the others are not reported";

// "tunnel-credentials" as people say it.
std::string words_of_kind(std::string_view kind) {
  std::string words{kind};
  std::ranges::replace(words, '-', ' ');
  return words;
}

Malformed not_what_its_name_says(std::string_view kind, std::string_view bytes) {
  const bool blank = bytes.find_first_not_of(" \t\r\n") == bytes.npos;
  return {.kind = std::string{kind},
          .why = blank ? "empty" : "holds no " + words_of_kind(kind),
          .offset = std::nullopt};
}

// What the file as a whole is.
Decoded verdict_of(const Sample& sample) {
  Decoded decoded = recognise(sample);
  const auto* malformed = std::get_if<Malformed>(&decoded);
  // Without a kind it says no more than that the file is too large to be one.
  if (malformed != nullptr && malformed->kind.empty()) return NotThisKind{};
  return decoded;
}

Decoded only_a_credential(Decoded decoded) {
  if (!std::holds_alternative<Credential>(decoded)) return NotThisKind{};
  return decoded;
}

Decoded decode_secret_value(const Sample& sample) {
  Decoded decoded = only_a_credential(recognise(sample));
  if (std::holds_alternative<NotThisKind>(decoded)) return decode_configured_secret(sample);
  return decoded;
}

Decoded decode_value(ExcerptForm form, const Sample& nameless) {
  switch (form) {
    case ExcerptForm::token_value:
      return decode_token(nameless, Handover::value);
    case ExcerptForm::credentials_contents:
      return decode_tunnel_credentials(nameless);
    case ExcerptForm::secret_value:
      return decode_secret_value(nameless);
    case ExcerptForm::whole_file:
    case ExcerptForm::service_token:
    case ExcerptForm::any_value:
      return only_a_credential(recognise(nameless));
  }
  return NotThisKind{};
}

struct Origin {
  std::string_view carrier;
  std::optional<std::size_t> line;
  Placement placement;
};

void add(Examination& examination, const Origin& origin, Decoded decoded) {
  if (std::holds_alternative<NotThisKind>(decoded)) return;
  examination.recognised.push_back({.carrier = std::string{origin.carrier},
                                    .line = origin.line,
                                    .decoded = std::move(decoded),
                                    .placement = origin.placement});
}

bool is_same(const Credential& one, const Credential& other) {
  return one.kind == other.kind && one.fingerprint == other.fingerprint;
}

// The line of the verdict's own credential, which is taken out of those that stand in the file.
std::optional<std::size_t> take_line_of(const Decoded& verdict,
                                        std::vector<EmbeddedCredential>& inside) {
  const auto* credential = std::get_if<Credential>(&verdict);
  if (credential == nullptr) return std::nullopt;
  const auto own = std::ranges::find_if(
      inside, [&](const EmbeddedCredential& one) { return is_same(one.credential, *credential); });
  if (own == inside.end()) return std::nullopt;
  const std::size_t line = own->line;
  inside.erase(own);
  return line;
}

// The whole file's own verdict comes first, then what else stands in it. A file that is one
// credential has no line; one that is a credential by its name and holds none is worth knowing of.
void examine_whole_file(Examination& examination, const Excerpt& excerpt, const Sample& sample) {
  Decoded verdict = verdict_of(sample);
  EmbeddedCredentials embedded = embedded_credentials(sample, most_credentials);
  std::vector<EmbeddedCredential>& inside = embedded.found;
  const bool is_something = !std::holds_alternative<NotThisKind>(verdict);
  const std::string_view kind = kind_of_name(sample.file_name);
  if (!is_something && inside.empty() && !kind.empty()) {
    verdict = not_what_its_name_says(kind, sample.bytes);
  }
  const std::optional<std::size_t> line = take_line_of(verdict, inside);
  const std::size_t room = most_credentials - (is_something ? 1 : 0);
  if (embedded.more || inside.size() > room) {
    examination.problem = more_than_reported;
    inside.resize(std::min(inside.size(), room));
  }
  const bool is_one = inside.size() + (is_something ? 1 : 0) == 1;
  add(examination, {excerpt.carrier, inside.empty() ? excerpt.line : line, excerpt.placement},
      std::move(verdict));
  for (EmbeddedCredential& one : inside) {
    const std::optional<std::size_t> place = is_one ? excerpt.line : std::optional{one.line};
    add(examination, {excerpt.carrier, place, Placement::other}, std::move(one.credential));
  }
}

void examine_excerpt(Examination& examination, const Excerpt& excerpt, std::string_view file_name,
                     std::string_view hmac_key) {
  const std::string_view bytes = excerpt.bytes.reveal();
  if (excerpt.form == ExcerptForm::whole_file) {
    examine_whole_file(examination, excerpt,
                       {.bytes = bytes, .file_name = file_name, .hmac_key = hmac_key});
    return;
  }
  const Sample nameless{.bytes = bytes, .file_name = "", .hmac_key = hmac_key};
  add(examination, {excerpt.carrier, excerpt.line, excerpt.placement},
      decode_value(excerpt.form, nameless));
}

Examination refuse_size(std::string_view file_name) {
  Examination examination{.over_cap = true};
  const std::string_view kind = kind_of_name(file_name);
  if (may_be_configuration(file_name)) {
    examination.problem = "larger than the cap of 1,048,576 bytes for a configuration";
  } else if (!kind.empty()) {
    examination.recognised.push_back(
        {.carrier = std::string{all_carriers().back().name},
         .line = std::nullopt,
         .decoded = Malformed{.kind = std::string{kind},
                              .why = "larger than the cap of 65,536 bytes for a credential",
                              .offset = std::nullopt}});
  }
  return examination;
}

bool has_whole_file(const Unwrapped& unwrapped) {
  return std::ranges::any_of(unwrapped.excerpts, [](const Excerpt& excerpt) {
    return excerpt.form == ExcerptForm::whole_file;
  });
}

// Found where cloudflared would not read it: what the bytes say by themselves counts for more.
bool is_damaged(const Recognised& one) {
  const auto* credential = std::get_if<Credential>(&one.decoded);
  return credential != nullptr && credential->status == Status::damaged;
}

bool is_sound(const Recognised& one) {
  return std::holds_alternative<Credential>(one.decoded) && !is_damaged(one);
}

bool wants_spots(const Examination& examination) {
  const auto& all = examination.recognised;
  return std::ranges::any_of(all, is_damaged) || std::ranges::none_of(all, is_sound);
}

// What the file is to be called: by the carrier that reads such files, where there is one.
const CarrierContext& context_by_carrier(std::string_view file_name, std::string_view bytes) {
  const auto carriers = all_carriers().first(all_carriers().size() - 1);  // All but whole-file.
  const auto carrier = std::ranges::find_if(
      carriers, [&](const Carrier& row) { return row.takes(file_name, bytes); });
  const auto contexts = all_contexts();
  if (carrier == carriers.end()) return context_of(file_name, bytes);
  const auto own = std::ranges::find(contexts, carrier->name, &CarrierContext::name);
  return own == contexts.end() ? contexts.back() : *own;
}

// A file by whose name cloudflared opens it is as good as cloudflared takes it for; any other is
// text, and what stands in it whole is not damaged.
enum class TakenFor { text, credential };

// Whether it has been recognised.
bool mend_known(Examination& examination, TakenFor taken_for, const Credential& found) {
  bool is_known_sound = false;
  Recognised* damaged = nullptr;
  for (Recognised& one : examination.recognised) {
    const auto* credential = std::get_if<Credential>(&one.decoded);
    if (credential == nullptr || !is_same(*credential, found)) continue;
    if (!is_damaged(one)) {
      is_known_sound = true;
    } else if (damaged == nullptr) {
      damaged = &one;
    }
  }
  const bool is_known = is_known_sound || damaged != nullptr;
  if (damaged != nullptr && !is_known_sound && taken_for == TakenFor::text)
    damaged->decoded = found;
  return is_known;
}

// A carrier may hand out one credential in two ways: a PEM block, and its base64 as a line.
void drop_damaged_views(Examination& examination) {
  std::set<std::pair<std::string, std::string>> sound;  // Kind and fingerprint.
  for (const Recognised& one : examination.recognised) {
    if (!is_sound(one)) continue;
    const auto& credential = std::get<Credential>(one.decoded);
    if (!credential.fingerprint.empty()) sound.emplace(credential.kind, credential.fingerprint);
  }
  std::erase_if(examination.recognised, [&](const Recognised& one) {
    if (!is_damaged(one)) return false;
    const auto& credential = std::get<Credential>(one.decoded);
    return sound.contains({credential.kind, credential.fingerprint});
  });
}

// Whatever is wrapped in a way that no carrier knows. The search is built when it is first needed:
// most hosts have no file that asks for it.
void examine_spots(Examination& examination, const Sample& sample, TakenFor taken_for) {
  const auto& [bytes, file_name, hmac_key] = sample;
  static const SpotFinder finder{{}, Implementation::portable};
  Spots spots = finder.spots_with_key(bytes, hmac_key);
  const bool is_whole = spots.is_complete && spots.found.size() <= most_credentials;
  if (!is_whole && examination.problem.empty()) {
    examination.problem = "holds more than can be looked into; not all of it was";
  }
  if (spots.found.empty()) return;
  const CarrierContext& context = context_by_carrier(file_name, bytes);
  const bool has_lines = holds_lines(bytes);
  spots.found.resize(std::min(spots.found.size(), most_credentials));
  for (Spot& spot : spots.found) {
    if (mend_known(examination, taken_for, spot.credential)) continue;
    if (examination.recognised.size() == most_credentials) {
      examination.problem = more_than_reported;
      return;
    }
    // What has to be unwrapped first is no argument and no variable as it stands.
    const Placement placement = spot.wrappings.empty() ? context.placement : Placement::other;
    add(examination, {context.name, has_lines ? std::optional{spot.line} : std::nullopt, placement},
        std::move(spot.credential));
  }
}

// A state file, a log or the like: told by its name alone, and never a credential as a whole.
bool holds_much_else(std::string_view file_name) {
  if (!kind_of_name(file_name).empty()) return false;
  const CarrierContext& context = context_of_name(file_name);
  return context.placement == Placement::other && context.name != all_contexts().back().name;
}

Examination examine_as(TakenFor taken_for, std::string_view file_name, std::string_view bytes,
                       std::string_view hmac_key) {
  static_assert(max_credential_bytes == 65'536 && max_configuration_bytes == 1'048'576);
  const auto [name, is_backup] = backup_name(file_name);
  if (bytes.size() > size_cap(file_name)) return refuse_size(name);

  Unwrapped unwrapped = unwrap(name, bytes);
  Examination examination{.recognised = {},
                          .pointers = std::move(unwrapped.pointers),
                          .is_configuration = unwrapped.is_configuration,
                          .is_blank = trim_space(bytes).empty(),
                          .problem = std::move(unwrapped.problem)};
  for (const Excerpt& excerpt : unwrapped.excerpts) {
    examine_excerpt(examination, excerpt, name, hmac_key);
  }
  // Values under names that no carrier knows can still make one credential together.
  if (examination.recognised.empty() && !has_whole_file(unwrapped)) {
    for (const Excerpt& whole : all_carriers().back().unwrap(name, bytes).excerpts) {
      examine_excerpt(examination, whole, name, hmac_key);
    }
  }
  if (wants_spots(examination)) {
    examine_spots(examination, {.bytes = bytes, .file_name = name, .hmac_key = hmac_key},
                  taken_for);
  }
  drop_damaged_views(examination);
  if (is_backup) {  // cloudflared never reads it.
    examination.pointers.clear();
    examination.is_configuration = false;
  }
  return examination;
}

}  // namespace

Examination examine(std::string_view file_name, std::string_view bytes, std::string_view hmac_key) {
  const bool is_named = !kind_of_name(backup_name(file_name).original).empty();
  return examine_as(is_named ? TakenFor::credential : TakenFor::text, file_name, bytes, hmac_key);
}

Examination examine_as_credential(std::string_view file_name, std::string_view bytes,
                                  std::string_view hmac_key) {
  return examine_as(TakenFor::credential, file_name, bytes, hmac_key);
}

std::size_t size_cap(std::string_view file_name) {
  const std::string original = backup_name(file_name).original;
  const bool is_large = may_be_configuration(original) || holds_much_else(original);
  return is_large ? max_configuration_bytes : max_credential_bytes;
}

}  // namespace cfwarden
