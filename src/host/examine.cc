#include "cfwarden/host/examine.h"

#include "cfwarden/kinds/kind.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

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

// A file that is a credential by its name and none by its content is worth knowing of.
Decoded decode_whole_file(const Sample& sample) {
  const std::string_view kind = kind_of_name(sample.file_name);
  Decoded decoded = recognise(sample);
  if (std::holds_alternative<NotThisKind>(decoded) && !kind.empty()) {
    return not_what_its_name_says(kind, sample.bytes);
  }
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

Decoded decode(const Excerpt& excerpt, std::string_view file_name, std::string_view hmac_key) {
  const std::string_view bytes = excerpt.bytes.reveal();
  const Sample named{.bytes = bytes, .file_name = file_name, .hmac_key = hmac_key};
  const Sample nameless{.bytes = bytes, .file_name = "", .hmac_key = hmac_key};
  switch (excerpt.form) {
    case ExcerptForm::whole_file:
      return decode_whole_file(named);
    case ExcerptForm::token_value:
      return decode_token(nameless, Handover::value);
    case ExcerptForm::credentials_contents:
      return decode_tunnel_credentials(nameless);
    case ExcerptForm::secret_value:
      return decode_secret_value(nameless);
    case ExcerptForm::service_token:
    case ExcerptForm::any_value:
      return only_a_credential(recognise(nameless));
  }
  return NotThisKind{};
}

void add(Examination& examination, const Excerpt& excerpt, Decoded decoded) {
  if (std::holds_alternative<NotThisKind>(decoded)) return;
  examination.recognised.push_back({.carrier = std::string{excerpt.carrier},
                                    .line = excerpt.line,
                                    .decoded = std::move(decoded)});
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

}  // namespace

Examination examine(std::string_view file_name, std::string_view bytes, std::string_view hmac_key) {
  static_assert(max_credential_bytes == 65'536 && max_configuration_bytes == 1'048'576);
  const auto [name, is_backup] = backup_name(file_name);
  if (bytes.size() > size_cap(file_name)) return refuse_size(name);

  Unwrapped unwrapped = unwrap(name, bytes);
  Examination examination{.recognised = {},
                          .pointers = std::move(unwrapped.pointers),
                          .is_configuration = unwrapped.is_configuration,
                          .problem = std::move(unwrapped.problem)};
  for (const Excerpt& excerpt : unwrapped.excerpts) {
    add(examination, excerpt, decode(excerpt, name, hmac_key));
  }
  // Values under names that no carrier knows can still make one credential together.
  if (examination.recognised.empty() && !has_whole_file(unwrapped)) {
    for (const Excerpt& whole : all_carriers().back().unwrap(name, bytes).excerpts) {
      add(examination, whole, decode(whole, name, hmac_key));
    }
  }
  if (is_backup) {  // cloudflared never reads it.
    examination.pointers.clear();
    examination.is_configuration = false;
  }
  return examination;
}

std::size_t size_cap(std::string_view file_name) {
  return may_be_configuration(backup_name(file_name).original) ? max_configuration_bytes
                                                               : max_credential_bytes;
}

}  // namespace cfwarden
