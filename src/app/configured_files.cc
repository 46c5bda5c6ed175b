#include "cfwarden/app/configured_files.h"

#include "cfwarden/app/subjects.h"
#include "cfwarden/base/uuid.h"
#include "cfwarden/needs/search_order.h"

#include <algorithm>

namespace cfwarden {
namespace {

// The last pointer of a key, as YAML mappings with duplicate keys are read; nullptr without one.
const Pointer* pointer_of(std::span<const Pointer> pointers, std::string_view key) {
  const Pointer* found = nullptr;
  for (const Pointer& pointer : pointers) {
    if (pointer.key == key && !pointer.value.empty()) found = &pointer;
  }
  return found;
}

// What cannot be expanded is taken as it stands.
std::string expanded(const std::string& value, const std::string& home) {
  return expand_home(value, home).value_or(value);
}

bool holds(const Examination& configuration, std::string_view kind) {
  return std::ranges::any_of(configuration.recognised, [kind](const auto& one) {
    const auto* credential = std::get_if<Credential>(&one.decoded);
    return credential != nullptr && credential->kind == kind;
  });
}

}  // namespace

std::vector<ConfiguredFile> configured_files(std::span<const Pointer> pointers,
                                             const Starter& starter) {
  const Pointer* token_file = pointer_of(pointers, "token-file");
  const Pointer* credentials = pointer_of(pointers, "credentials-file");
  const Pointer* certificate = pointer_of(pointers, "origincert");
  const Pointer* tunnel = pointer_of(pointers, "tunnel");
  const bool runs_by_name = tunnel != nullptr && !parse_uuid(tunnel->value);

  std::vector<ConfiguredFile> files;
  const auto add = [&](const Pointer& pointer, const std::string& value, bool effective) {
    files.push_back({.key = pointer.key,
                     .path = absolute_path(value, starter.working_directory),
                     .line = pointer.line,
                     .effective = effective,
                     .is_relative = !value.starts_with('/')});
  };
  if (token_file != nullptr) add(*token_file, token_file->value, !starter.has_inline_token);
  const bool has_token = starter.has_inline_token || token_file != nullptr;
  if (credentials != nullptr) {
    const std::string& value = credentials->value;
    // Of a name the id is looked for in the file, whatever credentials there are.
    const bool is_opened = !has_token && (runs_by_name || !starter.has_inline_credentials);
    add(*credentials, runs_by_name ? value : expanded(value, starter.home), is_opened);
  }
  if (certificate != nullptr) {
    add(*certificate, expanded(certificate->value, starter.home),
        !has_token && credentials == nullptr);
  }
  for (const std::string_view key : {"logfile", "log-directory"}) {
    const Pointer* log = pointer_of(pointers, key);
    if (log == nullptr) continue;
    add(*log, log->value, false);
    files.back().is_log = true;
  }
  return files;
}

Starter starter_of(std::string_view path, const Examination& configuration,
                   const Accounts& accounts) {
  const Account* at_home = home_owner(path, accounts);
  const Account* root = accounts.find_uid(0);
  Starter starter{.home = root != nullptr ? root->home : "/root", .working_directory = "/"};
  if (at_home != nullptr) starter = {.home = at_home->home, .working_directory = at_home->home};
  starter.has_inline_token = holds(configuration, "tunnel-token");
  starter.has_inline_credentials = holds(configuration, "tunnel-credentials");
  return starter;
}

}  // namespace cfwarden
