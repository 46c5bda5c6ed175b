// A file's name up to the first line feed, then its bytes: every carrier ends, and what it finds is
// bounded by what it was given.
#include "cfwarden/carriers/carrier.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check(const cfwarden::Unwrapped& unwrapped, std::string_view bytes) {
  // A swap file ends lines with NUL.
  const auto lines = static_cast<std::size_t>(std::ranges::count_if(
      bytes, [](char byte) { return byte == '\n' || byte == '\r' || byte == '\0'; }));
  std::size_t total = 0;
  for (const cfwarden::Excerpt& excerpt : unwrapped.excerpts) {
    total += excerpt.bytes.size();
    if (!excerpt.line) continue;
    // YAML knows three more ends of a line, which take two bytes or three.
    demand(*excerpt.line >= 1 && *excerpt.line <= lines + bytes.size() / 2 + 1);
  }
  // An excerpt for each carrier at most, and the byte that joins the halves of a service token.
  demand(total <= bytes.size() * 2 + 2 * unwrapped.excerpts.size());
  for (const cfwarden::Pointer& pointer : unwrapped.pointers) {
    demand(!pointer.key.empty() && pointer.line >= 1);
  }
  demand(unwrapped.problem.size() < 200);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t line_feed = std::min(input.find('\n'), input.size());
  const std::string_view file_name = input.substr(0, line_feed);
  const std::string_view bytes = input.substr(std::min(line_feed + 1, size));

  const cfwarden::BackupName name = cfwarden::backup_name(file_name);
  demand(name.original.size() <= file_name.size());
  demand(name.is_backup == (name.original != file_name));
  demand(file_name.empty() || !name.original.empty());

  check(cfwarden::unwrap(name.original, bytes), bytes);
  for (const cfwarden::Carrier& carrier : cfwarden::all_carriers()) {
    check(carrier.unwrap(name.original, bytes), bytes);
  }
  return 0;
}
