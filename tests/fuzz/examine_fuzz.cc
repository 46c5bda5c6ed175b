// A file's name up to the first line feed, then its bytes: what is said of them is bounded, and no
// credential of a whole file is said twice.
#include "cfwarden/host/examine.h"
#include "cfwarden/kinds/kind.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t line_feed = std::min(input.find('\n'), input.size());
  const std::string_view file_name = input.substr(0, line_feed);
  const std::string_view bytes = input.substr(std::min(line_feed + 1, size));

  const cfwarden::Examination found = cfwarden::examine(file_name, bytes, "");
  demand(found.over_cap == (bytes.size() > cfwarden::size_cap(file_name)));
  std::set<std::pair<std::string, std::string>> known;
  for (const cfwarden::Recognised& one : found.recognised) {
    demand(!std::holds_alternative<cfwarden::NotThisKind>(one.decoded));
    demand(!one.line || (*one.line >= 1 && *one.line <= bytes.size() + 1));
    const auto* credential = std::get_if<cfwarden::Credential>(&one.decoded);
    if (credential == nullptr) continue;
    demand(cfwarden::find_kind(credential->kind) != nullptr);
    if (one.carrier != "whole-file") continue;
    demand(known.emplace(credential->kind, credential->fingerprint).second);
  }
  demand(known.size() <= 32);
  return 0;
}
