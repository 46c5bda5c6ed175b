#include "cfwarden/kinds/x509.h"

#include "cfwarden/base/der.h"
#include "cfwarden/base/der_time.h"

#include <set>

namespace cfwarden {
namespace {

// Like Go, none of these minds more elements at the end of a SEQUENCE: later versions of X.509 add
// theirs there.

using namespace std::string_view_literals;

constexpr std::int64_t version_1 = 0;
constexpr std::int64_t version_3 = 2;

bool is_algorithm(std::string_view content) {
  DerReader algorithm{content};
  const bool is_named = is_der_object_id(algorithm.take(DerTag::object_id));
  if (!algorithm.at_end()) (void)algorithm.take_any();  // Its parameters, of any type.
  return is_named && algorithm.sound();
}

bool is_attribute(std::string_view content) {
  DerReader attribute{content};
  const bool is_named = is_der_object_id(attribute.take(DerTag::object_id));
  (void)attribute.take_any();  // Its value, of any type.
  return is_named && attribute.sound();
}

bool is_name(std::string_view content) {
  DerReader name{content};
  while (!name.at_end()) {
    DerReader attributes{name.take(DerTag::set)};
    while (!attributes.at_end()) {
      if (!is_attribute(attributes.take(DerTag::sequence))) return false;
    }
  }
  return name.sound();
}

std::optional<std::int64_t> end_of_validity(std::string_view content) {
  DerReader validity{content};
  if (!der_time(validity.take_any())) return std::nullopt;
  return der_time(validity.take_any());
}

bool is_public_key(std::string_view content) {
  DerReader key{content};
  return is_algorithm(key.take(DerTag::sequence)) &&
         is_der_bit_string(key.take(DerTag::bit_string));
}

bool is_boolean(std::string_view content) {
  return content == "\0"sv || content == "\xff"sv;
}

// The name of an extension; nullopt for what is none.
std::optional<std::string_view> extension_name(std::string_view content) {
  DerReader extension{content};
  const std::string_view name = extension.take(DerTag::object_id);
  const auto critical = extension.take_optional(DerTag::boolean);
  (void)extension.take(DerTag::octet_string);
  if (!extension.sound() || !is_der_object_id(name)) return std::nullopt;
  if (critical && !is_boolean(*critical)) return std::nullopt;
  return name;
}

bool are_extensions(std::string_view content) {
  DerReader wrapper{content};
  DerReader extensions{wrapper.take(DerTag::sequence)};
  std::set<std::string_view> names;
  while (!extensions.at_end()) {
    const auto name = extension_name(extensions.take(DerTag::sequence));
    if (!name || !names.insert(*name).second) return false;
  }
  return wrapper.sound() && extensions.sound();
}

// nullopt for a version that does not exist.
std::optional<std::int64_t> take_version(DerReader& certificate) {
  const auto content = certificate.take_optional(explicit_tag(0));
  if (!content) return version_1;
  DerReader inner{*content};
  const auto version = der_integer(inner.take(DerTag::integer));
  if (!version || !inner.at_end() || *version < version_1 || *version > version_3) {
    return std::nullopt;
  }
  return version;
}

bool takes_optional_parts(DerReader& certificate, std::int64_t version) {
  if (version == version_1) return true;
  (void)certificate.take_optional(implicit_tag(1));  // The issuer's and the subject's unique ids.
  (void)certificate.take_optional(implicit_tag(2));
  if (version != version_3) return certificate.sound();
  const auto extensions = certificate.take_optional(explicit_tag(3));
  return certificate.sound() && (!extensions || are_extensions(*extensions));
}

// The part that is signed with `algorithm`, and says so itself.
std::optional<std::int64_t> end_of_signed_part(std::string_view content,
                                               std::string_view algorithm) {
  DerReader part{content};
  const std::optional<std::int64_t> version = take_version(part);
  if (!version || !is_der_integer(part.take(DerTag::integer))) return std::nullopt;
  if (part.take(DerTag::sequence) != algorithm || !is_algorithm(algorithm)) return std::nullopt;
  if (!is_name(part.take(DerTag::sequence))) return std::nullopt;
  const std::optional<std::int64_t> end = end_of_validity(part.take(DerTag::sequence));
  const bool is_subject = is_name(part.take(DerTag::sequence));
  if (!is_subject || !is_public_key(part.take(DerTag::sequence))) return std::nullopt;
  return takes_optional_parts(part, *version) ? end : std::nullopt;
}

}  // namespace

bool is_certificate(std::string_view der) {
  return certificate_not_after(der).has_value();
}

std::optional<std::int64_t> certificate_not_after(std::string_view der) {
  DerReader file{der};
  DerReader certificate{file.take(DerTag::sequence)};
  const std::string_view signed_part = certificate.take(DerTag::sequence);
  const std::string_view algorithm = certificate.take(DerTag::sequence);
  const std::string_view signature = certificate.take(DerTag::bit_string);
  if (!file.at_end() || !certificate.sound() || !is_der_bit_string(signature)) return std::nullopt;
  return end_of_signed_part(signed_part, algorithm);
}

}  // namespace cfwarden
