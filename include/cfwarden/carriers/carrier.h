// How a secret is wrapped: file bytes -> excerpts. Kinds say what an excerpt is.
//
// Supplies  all_carriers(): the table; unwrap(): the first carrier that takes the file. The last
//           row, whole-file, takes everything; it is also asked when the one that took the file
//           found no excerpt, so that no secret is excerpted twice and none is missed.
// Expects   carriers to be pure and bounded: no I/O, no throw, output linear in the input.
// Promises  `problem` says in our own words why a file could not be read to its end; it never
//           quotes the file.
//
// To add a carrier: write src/carriers/<carrier>.cc and add its row in
// src/carriers/all_carriers.cc.
#pragma once

#include "cfwarden/base/secret.h"
#include "cfwarden/model/placement.h"
#include "cfwarden/model/pointer.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_configuration_bytes = 1024 * 1024;

// How the excerpt is handed to cloudflared, which decides how strictly it is decoded.
enum class ExcerptForm {
  whole_file,            // Recognise among all kinds, by name and content.
  token_value,           // The value of a `token` key or TUNNEL_TOKEN: no trimming.
  credentials_contents,  // The value of `credentials-contents` or TUNNEL_CRED_CONTENTS.
  service_token,         // "id\nsecret" of an Access service token.
  secret_value,          // The value of a key for a secret of no known form, such as `api-key`.
  any_value,             // A value under some other name: any kind that decodes.
};

struct Excerpt {
  std::string_view carrier;         // The row's name.
  std::optional<std::size_t> line;  // 1-based; nullopt for a whole file.
  ExcerptForm form = ExcerptForm::whole_file;
  Placement placement = Placement::whole_file;
  Secret bytes;
};

struct Unwrapped {
  std::vector<Excerpt> excerpts;
  std::vector<Pointer> pointers;
  // A YAML mapping, or nothing at all, that cloudflared would take as its configuration.
  bool is_configuration = false;
  std::string problem;  // "" when it was read to its end.
};

struct Carrier {
  std::string_view name;     // Stable: printed in reports and written in rules.
  std::string_view summary;  // One line.
  bool (*takes)(std::string_view file_name, std::string_view bytes);
  Unwrapped (*unwrap)(std::string_view file_name, std::string_view bytes);
};

std::span<const Carrier> all_carriers();

// `file_name`: last component, a backup's suffix taken off.
bool may_be_configuration(std::string_view file_name);  // Worth max_configuration_bytes.
Unwrapped unwrap(std::string_view file_name, std::string_view bytes);

// "cert.pem.bak" -> {"cert.pem", true}; knows ~, .bak, .org, .orig, .old, .save, .swp and their
// kin, numbered and dated ones included; "config.yml" -> {"config.yml", false}.
struct BackupName {
  std::string original;
  bool is_backup = false;
};
BackupName backup_name(std::string_view file_name);

}  // namespace cfwarden
