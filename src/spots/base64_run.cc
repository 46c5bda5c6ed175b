#include "cfwarden/spots/base64_run.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/spots/letters.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::size_t least_letters = 60;

// A backslash and the letter that makes it an escape of a line break or the like.
bool is_escape(std::string_view text, std::size_t at) {
  constexpr std::string_view escaped = "nrt";
  return at > 0 && text[at - 1] == '\\' && escaped.find(text[at]) != escaped.npos;
}

// Behind the last letter of the line before, when the run went on from there; else `at`.
std::size_t before_glue(std::string_view text, std::size_t at) {
  constexpr std::string_view between = " \t\r\n\\#>;*|\"'`,+.^";
  constexpr std::size_t longest = 256;
  const std::size_t least = at - std::min(at, longest);
  std::size_t end = at;
  while (end > least) {
    if (is_escape(text, end - 1)) {
      end -= 2;
    } else if (between.find(text[end - 1]) != between.npos) {
      --end;
    } else {
      break;
    }
  }
  const bool is_joined = end < at && end > least && is_base64_letter(text[end - 1]) &&
                         behind_glue(text, end, {}) == at;
  return is_joined ? end : at;
}

}  // namespace

std::optional<Secret> Base64Run::decode(std::size_t at, std::uint8_t group_position) {
  if (at >= end_) gather(at);
  const std::size_t letter = sources_.letter_at(at);
  const std::size_t division = (letter + 4 - group_position % 4) % 4;
  if (is_decoded_[division] || letters_.size() < least_letters) return std::nullopt;
  is_decoded_[division] = true;
  first_ = division;
  std::string_view whole = letters_.reveal().substr(division);
  if (whole.size() % 4 == 1) whole.remove_suffix(1);
  return decode_damaged_base64(whole);
}

std::size_t Base64Run::source_of(std::size_t offset) const {
  return sources_.source_of(first_ + offset / 3 * 4 + offset % 3);
}

void Base64Run::gather(std::size_t at) {
  const std::size_t begin = begin_before(at);
  gather_from(begin);
  if (end_ <= at && begin < at) gather_from(at);
}

void Base64Run::gather_from(std::size_t begin) {
  constexpr std::size_t most_bytes = 2 * max_object_bytes;
  is_decoded_ = {};
  sources_ = {};
  LetterCursor cursor{text_, begin, Joints{}, most_bytes};
  while (cursor.next()) sources_.append(cursor.begin());
  end_ = std::max(cursor.end(), begin + 1);
  is_cut_ = end_ - begin >= most_bytes;
  letters_ = Secret{sources_.size() < least_letters ? 0 : sources_.size()};
  LetterCursor again{text_, begin, Joints{}, most_bytes};
  for (char& letter : letters_.writable()) letter = *again.next();
}

std::size_t Base64Run::begin_before(std::size_t at) const {
  // What the last run did not reach has nothing to do with it, unless it was cut.
  const std::size_t reached = is_cut_ ? 0 : std::min(end_, at);
  const std::size_t least = std::max(reached, at - std::min(at, max_object_bytes));
  std::size_t begin = at;
  while (begin > least) {
    const std::size_t last = begin - 1;
    if (is_base64_letter(text_[last]) && !is_escape(text_, last)) {
      begin = last;
      if (begin > least && text_[begin] == '/' && text_[begin - 1] == '\\') --begin;
      continue;
    }
    const std::size_t end = before_glue(text_, begin);
    if (end == begin) break;
    begin = end;
  }
  return begin;
}

}  // namespace cfwarden
