#include "cfwarden/spots/letters.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/spots/object_end.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

struct Escape {
  std::string_view written;  // In lower case.
  char value;
};

constexpr std::array escapes{Escape{"\\/", '/'},     Escape{"\\\\/", '/'},   Escape{"\\u002b", '+'},
                             Escape{"\\u002f", '/'}, Escape{"\\u003d", '='}, Escape{"\\x2b", '+'},
                             Escape{"\\x2f", '/'},   Escape{"\\x3d", '='},   Escape{"\\=", '='},
                             Escape{"%2b", '+'},     Escape{"%2f", '/'},     Escape{"%3d", '='},
                             Escape{"%252b", '+'},   Escape{"%252f", '/'},   Escape{"%253d", '='},
                             Escape{"&#43;", '+'},   Escape{"&#47;", '/'},   Escape{"&#61;", '='},
                             Escape{"&#x2b;", '+'},  Escape{"&#x2f;", '/'},  Escape{"&#x3d;", '='}};

// Blanks and line breaks, and what escapes, entities and quoted-printable spell them as.
constexpr std::array<std::string_view, 11> spaces{"\\r",   "\\n",  "\\t", "&#10;", "&#13;", "&#xa;",
                                                  "&#xd;", "&#9;", "%0a", "%0d",   "=\n"};

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

bool is_line_break(char byte) {
  return byte == '\n' || byte == '\r';
}

bool is_quote(char byte) {
  return byte == '"' || byte == '\'' || byte == '`';
}

char folded(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool starts_folded(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::ranges::equal(text.substr(0, lower_case.size()), lower_case,
                            [](char a, char b) { return folded(a) == b; });
}

std::size_t size_of_space(std::string_view rest) {
  if (is_blank(rest[0]) || is_line_break(rest[0])) return 1;
  if (rest[0] != '\\' && rest[0] != '&' && rest[0] != '%' && rest[0] != '=') return 0;
  if (rest.starts_with("=\r\n")) return 3;
  for (const std::string_view space : spaces) {
    if (starts_folded(rest, space)) return space.size();
  }
  // Backslashes before a line break or its escape: a shell's continued line, a text in a text.
  const std::size_t slashes = std::min(rest.find_first_not_of('\\'), rest.size());
  if (slashes == 0 || slashes == rest.size()) return 0;
  const char next = rest[slashes];
  const bool is_spelled = slashes > 1 && (next == 'n' || next == 'r' || next == 't');
  return is_line_break(next) || is_spelled ? slashes + 1 : 0;
}

// From a quote to the one that opens the next piece: "..." "...", "..." + "...", '...' . '...'
std::size_t size_of_joint(std::string_view rest) {
  constexpr std::string_view between = " \t\r\n\\+.,&~_";
  if (!is_quote(rest[0])) return 0;
  const std::size_t next = rest.substr(0, max_glue_bytes).find_first_not_of(between, 1);
  const bool is_joint = next != rest.npos && rest[next] == rest[0];
  return is_joint ? next + 1 : 0;
}

// What continues a line in other shells, and only at its end: ^ of cmd, ` of PowerShell.
std::size_t size_of_continuation(std::string_view rest) {
  const bool continues = (rest[0] == '^' || rest[0] == '`') && rest.size() > 1;
  return continues && is_line_break(rest[1]) ? 1 : 0;
}

std::size_t size_of_mark(std::string_view rest, std::string_view line_mark) {
  if (!line_mark.empty()) return rest.starts_with(line_mark) ? line_mark.size() : 0;
  constexpr std::string_view marks = "#>;*|";
  return marks.find(rest[0]) != marks.npos ? 1 : 0;
}

}  // namespace

Letter letter_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const char byte = text[at];
  if (is_base64_letter(byte) || byte == '=') return {byte, 1};
  if (byte != '\\' && byte != '%' && byte != '&') return {};
  for (const Escape& escape : escapes) {
    if (starts_folded(text.substr(at), escape.written)) {
      return {escape.value, escape.written.size()};
    }
  }
  return {};
}

std::string_view line_mark_before(std::string_view text, std::size_t at) {
  constexpr std::size_t longest_mark = 32;
  const std::size_t least = at - std::min(at, longest_mark);
  const std::string_view before = text.substr(least, at - least);
  const std::size_t feed = before.rfind('\n');
  if (feed == before.npos && least > 0) return {};
  std::string_view mark = before.substr(feed + 1);  // npos + 1 is 0.
  while (!mark.empty() && is_blank(mark.front())) mark.remove_prefix(1);
  while (!mark.empty() && is_blank(mark.back())) mark.remove_suffix(1);
  constexpr std::string_view marks = "#>;*|+-/ ";
  return mark.find_first_not_of(marks) == mark.npos ? mark : std::string_view{};
}

std::size_t behind_glue(std::string_view text, std::size_t at, const Joints& joints) {
  const std::string_view reach = text.substr(0, at + max_glue_bytes);
  std::size_t next = at;
  bool line_starts = false;
  while (next < reach.size()) {
    const std::string_view rest = reach.substr(next);
    std::size_t size = size_of_space(rest);
    if (size > 0) {
      line_starts = line_starts || !is_blank(rest[0]);
    } else if (line_starts && (size = size_of_mark(rest, joints.line_mark)) > 0) {
      line_starts = false;
    } else if ((size = size_of_joint(rest)) == 0 && (size = size_of_continuation(rest)) == 0) {
      break;
    }
    next += size;
  }
  const std::string_view glue = reach.substr(at, next - at);
  const bool is_end = joints.blanks == Blanks::refused && std::ranges::all_of(glue, is_blank);
  return is_end ? at : next;
}

std::optional<char> LetterCursor::next() {
  const auto is_letter = [](const Letter& letter) {
    return letter.size > 0 && letter.value != '=';
  };
  std::size_t at = end_;
  Letter letter = letter_at(text_, at);
  if (!is_letter(letter) && end_ > start_) {
    at = behind_glue(text_, end_, joints_);
    letter = letter_at(text_, at);
  }
  if (!is_letter(letter) || at - start_ >= most_bytes_) return std::nullopt;
  is_broken_ = is_broken_ || at != end_;
  begin_ = at;
  end_ = at + letter.size;
  return letter.value;
}

bool LetterCursor::take_padding() {
  const Letter letter = letter_at(text_, end_);
  if (letter.value != '=') return false;
  begin_ = end_;
  end_ += letter.size;
  return true;
}

namespace {

unsigned value_of(char letter) {
  if (letter >= 'A' && letter <= 'Z') return static_cast<unsigned>(letter - 'A');
  if (letter >= 'a' && letter <= 'z') return static_cast<unsigned>(letter - 'a') + 26;
  if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0') + 52;
  return letter == '+' || letter == '-' ? 62 : 63;
}

// Where an object ends is told by itself: blanks do no harm.
constexpr Joints object_joints{.line_mark = {}, .blanks = Blanks::skipped};

// The padding that stands there; or all that belongs there, where more letters follow: then other
// text is glued to the object, and what would fill its last group is part of that.
std::size_t padding_behind(LetterCursor& cursor, std::size_t letters, std::string_view text) {
  const std::size_t whole = (4 - letters % 4) % 4;
  const Letter next = letter_at(text, cursor.end());
  if (next.size > 0 && next.value != '=') return whole;
  std::size_t padding = 0;
  while (padding < whole && cursor.take_padding()) ++padding;
  return padding;
}

}  // namespace

std::optional<ObjectLetters> object_letters(std::string_view text, std::size_t begin) {
  LetterCursor cursor{text, begin, object_joints};
  ObjectEnd object;
  unsigned bits = 0;
  for (std::size_t count = 1;; ++count) {
    const std::optional<char> letter = cursor.next();
    if (!letter) return std::nullopt;
    bits = bits << 6 | value_of(*letter);
    if (count % 4 == 1) continue;
    const unsigned spare_bits = (4 - count % 4) % 4 * 2;  // They belong to the next byte.
    const auto state = object.take(static_cast<char>(bits >> spare_bits));
    if (state == ObjectEnd::State::broken) return std::nullopt;
    if (state == ObjectEnd::State::open) continue;
    const std::size_t padding = padding_behind(cursor, count, text);
    return ObjectLetters{cursor.end(), count + padding, padding, cursor.is_broken()};
  }
}

Secret joined_letters(std::string_view text, std::size_t begin, const ObjectLetters& letters) {
  Secret joined{letters.count};
  LetterCursor cursor{text, begin, object_joints};
  std::size_t at = 0;
  for (; at < letters.count - letters.padding; ++at) joined.writable()[at] = *cursor.next();
  for (; at < letters.count; ++at) joined.writable()[at] = '=';
  return joined;
}

}  // namespace cfwarden
