#include "cfwarden/remedy/unit_rewrite.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace cfwarden;

namespace {

constexpr std::string_view path = "/etc/cloudflared/token";

void demand(bool holds) {
  if (!holds) std::abort();
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

void check_moved(std::string_view unit, const UnitWithToken& found) {
  demand(unit.substr(found.begin, found.end - found.begin) ==
         "--token " + std::string{found.token});
  demand(count_of(unit, "\nExecStart=") == 1 && count_of(unit, "\nUser") == 0);
  demand(std::ranges::count(unit, '\n') >= 13 && std::ranges::count(unit, '\n') <= 14);

  const Secret moved = with_token_file(unit, found, path);
  const auto again = unit_with_token(moved.reveal());
  demand(!again && again.error().code == EALREADY);
  const auto named = token_file_of_unit(moved.reveal());
  demand(named && *named == path);
  const auto back = with_token(moved.reveal(), path, found.token);
  demand(back && back->reveal() == unit);
}

}  // namespace

// Whatever is taken comes back to the byte, and a refusal repeats nothing of the unit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view unit{reinterpret_cast<const char*>(bytes), size};
  const auto found = unit_with_token(unit);
  if (found) {
    check_moved(unit, *found);
  } else if (found.error().code != EALREADY) {
    demand(found.error().what.starts_with("line ") &&
           found.error().what.ends_with(" is not as cloudflared service install writes it"));
  }
  const auto back = with_token(unit, path, "aW52ZW50ZWQ=");
  if (back) {
    const auto restored = unit_with_token(back->reveal());
    demand(restored && restored->token == "aW52ZW50ZWQ=");
  }
  return 0;
}
