#include "cfwarden/base/ascii.h"
#include "cfwarden/base/concealed.h"
#include "cfwarden/output/drift.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::string_view mark = "<secret:";
constexpr std::size_t digits = 16;
constexpr std::size_t mark_size = mark.size() + digits + 1;

bool is_mark(std::string_view text) {
  const std::string_view hash = text.substr(std::min(mark.size(), text.size()), digits);
  return text.size() >= mark_size && text.starts_with(mark) && text[mark_size - 1] == '>' &&
         std::ranges::all_of(hash, is_hex_digit);
}

}  // namespace

// A mark holds no secret, whoever wrote it. Only what it parts is looked at in parts.
std::string concealed_again(std::string_view text) {
  std::string shown;
  std::size_t from = 0;
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
    if (at < from || !is_mark(text.substr(at))) continue;
    shown += concealed(text.substr(from, at - from));
    shown += text.substr(at, mark_size);
    from = at + mark_size;
  }
  return shown + concealed(text.substr(from));
}

}  // namespace cfwarden
