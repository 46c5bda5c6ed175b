#include "cfwarden/app/inspect.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/examine.h"
#include "cfwarden/host/input.h"
#include "cfwarden/host/reader.h"
#include "cfwarden/kinds/kind.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

Examination one_of(Decoded decoded) {
  Examination examination;
  examination.recognised.push_back(
      {.carrier = "whole-file", .line = {}, .decoded = std::move(decoded)});
  return examination;
}

// What the worker runs: a plain function, since it runs in another process.
using Parse = decltype(WorkerTerms::parse);

Parse parse_as(InspectAs as) {
  switch (as) {
    case InspectAs::token:
      return [](std::string_view name, std::string_view bytes, std::string_view key) {
        return one_of(decode_token({bytes, name, key}, Handover::value));
      };
    case InspectAs::token_file:
      return [](std::string_view name, std::string_view bytes, std::string_view key) {
        return one_of(decode_token({bytes, name, key}, Handover::file));
      };
    case InspectAs::tunnel_credentials:
      return [](std::string_view name, std::string_view bytes, std::string_view key) {
        return one_of(decode_tunnel_credentials({bytes, name, key}));
      };
    case InspectAs::account_certificate:
      return [](std::string_view name, std::string_view bytes, std::string_view key) {
        return one_of(decode_account_certificate({bytes, name, key}));
      };
    case InspectAs::recognised:
      break;
  }
  return examine_as_credential;
}

// A credential before anything malformed, as they stand in the file.
Decoded first_of(const std::vector<Recognised>& recognised) {
  for (const Recognised& one : recognised) {
    if (std::holds_alternative<Credential>(one.decoded)) return one.decoded;
  }
  if (!recognised.empty()) return recognised.front().decoded;
  return NotThisKind{};
}

}  // namespace

Result<Decoded> inspect(const std::string& file, InspectAs as, std::string_view hmac_key) {
  const std::string name = file == "-" ? "" : std::string{file_name_of(file)};
  const std::size_t cap = as == InspectAs::recognised ? size_cap(name) : max_credential_bytes;
  const Result<Secret> bytes = read_input(file, cap);
  if (!bytes) return bytes.error();
  const WorkerTerms terms{.parse = parse_as(as)};
  const Reading reading = examine_in_worker(name, bytes->reveal(), hmac_key, terms);
  if (const auto* unread = std::get_if<Unread>(&reading)) return Error{unread->why, 0};
  return first_of(std::get<Examination>(reading).recognised);
}

}  // namespace cfwarden
