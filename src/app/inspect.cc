#include "cfwarden/app/inspect.h"

#include "cfwarden/host/examine.h"
#include "cfwarden/host/input.h"
#include "cfwarden/host/reader.h"
#include "cfwarden/kinds/kind.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

Decoded decode_as(InspectAs as, const Sample& sample) {
  switch (as) {
    case InspectAs::token:
      return decode_token(sample, Handover::value);
    case InspectAs::token_file:
      return decode_token(sample, Handover::file);
    case InspectAs::tunnel_credentials:
      return decode_tunnel_credentials(sample);
    case InspectAs::account_certificate:
      return decode_account_certificate(sample);
    case InspectAs::recognised:
      break;
  }
  return recognise(sample);
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
  const std::string name = file == "-" ? "" : file.substr(file.rfind('/') + 1);
  const std::size_t cap = as == InspectAs::recognised ? size_cap(name) : max_credential_bytes;
  const Result<Secret> bytes = read_input(file, cap);
  if (!bytes) return bytes.error();
  const Reading reading = examine_in_worker([&] {
    if (as == InspectAs::recognised) return examine(name, bytes->reveal(), hmac_key);
    const Sample sample{.bytes = bytes->reveal(), .file_name = name, .hmac_key = hmac_key};
    Examination examination;
    examination.recognised.push_back(
        {.carrier = "whole-file", .line = {}, .decoded = decode_as(as, sample)});
    return examination;
  });
  if (const auto* unread = std::get_if<Unread>(&reading)) return Error{unread->why, 0};
  return first_of(std::get<Examination>(reading).recognised);
}

}  // namespace cfwarden
