#include "cfwarden/base/secret_runs.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/base64.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t least_letters = 40;   // Every kind's text is longer.
constexpr std::size_t most_letters = 1024;  // Of a token that is broken over lines,
constexpr std::size_t most_pieces = 24;     // and how many those may be.
constexpr std::size_t least_mixed = 20;     // Of the letters of a run that may be random.
constexpr std::size_t least_before = 8;     // What looks like an anchor may stand inside of a run.
constexpr std::size_t most_jwt_parts = 5;

// What base64 of `{"`, `{ "`, a line break in an object, PEM, and base64 of those begin with.
constexpr std::array<std::string_view, 12> anchors{"eyJ",  "eyAi", "eyAg",  "ewog",
                                                   "ewoJ", "ew0K", "ZXlK",  "ZXlB",
                                                   "ZXdv", "ZXcw", "WlhsS", "LS0tLS1C"};

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r';
}

// One letter of base64 as it is written: itself, or its escape in JSON or in a URL.
struct Letter {
  char value = 0;
  std::size_t size = 0;  // 0: no letter stands here.
};

char folded(char byte) {
  return is_upper(byte) ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool starts_folded(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::ranges::equal(text.substr(0, lower_case.size()), lower_case,
                            [](char a, char b) { return folded(a) == b; });
}

struct Escape {
  std::string_view written;  // In lower case.
  char value;
};
constexpr std::array escapes{Escape{"\\/", '/'},     Escape{"%2b", '+'},     Escape{"%2f", '/'},
                             Escape{"%3d", '='},     Escape{"\\u002b", '+'}, Escape{"\\u002f", '/'},
                             Escape{"\\u003d", '='}, Escape{"%252b", '+'},   Escape{"%252f", '/'},
                             Escape{"%253d", '='}};

Letter escaped_letter(std::string_view text) {
  for (const Escape& escape : escapes) {
    if (starts_folded(text, escape.written)) return {escape.value, escape.written.size()};
  }
  return {};
}

Letter letter_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const char byte = text[at];
  if (is_base64_letter(byte)) return {byte, 1};
  if (byte != '\\' && byte != '%') return {};
  const Letter letter = escaped_letter(text.substr(at));
  return letter.value == '=' ? Letter{} : letter;
}

// Behind at most two padding bytes.
std::size_t behind_padding(std::string_view text, std::size_t at) {
  for (int i = 0; i < 2 && at < text.size(); ++i) {
    if (text[at] == '=') {
      ++at;
    } else if (const Letter letter = escaped_letter(text.substr(at)); letter.value == '=') {
      at += letter.size;
    } else {
      break;
    }
  }
  return at;
}

std::size_t behind_letters(std::string_view text, std::size_t at) {
  while (const std::size_t size = letter_at(text, at).size) at += size;
  return at;
}

// Tells where the JSON object that base64 holds is closed, letter by letter.
class ObjectEnd {
 public:
  void take(char letter) {
    bits_ = bits_ << 6 | value_of(letter);
    ++letters_;
  }
  std::size_t letters() const { return letters_; }

  // Whether the last whole byte is the brace, or the line feed behind it.
  bool reached() const {
    constexpr std::array<unsigned, 4> spare_bits{0, 6, 4, 2};
    const unsigned whole = bits_ >> spare_bits[letters_ % 4];
    const bool closed = (whole & 0xff) == '}' || (whole & 0xffff) == ('}' << 8 | '\n');
    return letters_ % 4 != 1 && closed;
  }

 private:
  static unsigned value_of(char letter) {
    if (is_upper(letter)) return static_cast<unsigned>(letter - 'A');
    if (is_lower(letter)) return static_cast<unsigned>(letter - 'a') + 26;
    if (is_digit(letter)) return static_cast<unsigned>(letter - '0') + 52;
    return letter == '+' || letter == '-' ? 62 : 63;
  }

  unsigned bits_ = 0;
  std::size_t letters_ = 0;
};

// Where the run goes on behind a line break: nullopt when it does not.
std::optional<std::size_t> behind_line_break(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '\\') ++at;
  if (at < text.size() && text[at] == '\r') ++at;
  if (at >= text.size() || text[at] != '\n') return std::nullopt;
  ++at;
  while (at < text.size() && is_blank(text[at])) ++at;
  return letter_at(text, at).size > 0 ? std::optional{at} : std::nullopt;
}

// The end of the token that begins at `begin` and whose first piece ends at `end`: over line breaks
// where that leads to the end of its object, else `end`.
std::size_t end_over_lines(std::string_view text, std::size_t begin, std::size_t end) {
  ObjectEnd object;
  std::size_t at = begin;
  for (std::size_t piece = 0; piece < most_pieces && object.letters() < most_letters; ++piece) {
    for (Letter letter = letter_at(text, at); letter.size > 0; letter = letter_at(text, at)) {
      object.take(letter.value);
      at += letter.size;
    }
    const std::size_t padded = behind_padding(text, at);
    if (padded > at || object.reached()) return padded;
    const std::optional<std::size_t> next = behind_line_break(text, at);
    if (!next) break;
    at = *next;
  }
  return behind_padding(text, end);
}

// The parts of a JSON Web Token hang together by dots.
std::size_t end_over_dots(std::string_view text, std::size_t end) {
  for (std::size_t parts = 1; parts < most_jwt_parts; ++parts) {
    if (end >= text.size() || text[end] != '.' || letter_at(text, end + 1).size == 0) break;
    end = behind_letters(text, end + 1);
  }
  return end;
}

std::optional<std::size_t> first_anchor(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view run = text.substr(begin, end - begin);
  if (run.starts_with("ey") || run.starts_with("ew")) return begin;
  for (std::size_t at = 0; at < run.size(); ++at) {
    const char byte = run[at];
    if (byte != 'e' && byte != 'Z' && byte != 'W' && byte != 'L') continue;
    const std::string_view rest = run.substr(at);
    if (std::ranges::any_of(anchors, [rest](auto anchor) { return rest.starts_with(anchor); })) {
      return begin + at;
    }
  }
  return std::nullopt;
}

// What tells random base64 from names, paths, UUIDs and hex ids: stretches without a separator in
// which both cases meet, and change every few letters.
class Mixture {
 public:
  explicit Mixture(std::string_view run) {
    std::size_t start = 0;
    for (std::size_t at = 0; at <= run.size(); ++at) {
      if (at < run.size() && (is_lower(run[at]) || is_upper(run[at]) || is_digit(run[at])))
        continue;
      take(run.substr(start, at - start));
      start = at + 1;
    }
  }

  // Names in CamelCase change every four letters or more, random letters every two.
  bool is_random(std::size_t least) const { return letters_ >= least && letters_ < 3 * changes_; }

 private:
  static int sort_of(char byte) { return is_lower(byte) ? 0 : is_upper(byte) ? 1 : 2; }

  void take(std::string_view part) {
    if (std::ranges::none_of(part, is_lower) || std::ranges::none_of(part, is_upper)) return;
    letters_ += part.size();
    changes_ += 1;
    // "TUBITAK_Kamu_SM_SSL_Kok": the capital of a word is no change, however short the words are.
    if (std::ranges::all_of(part.substr(1), is_lower)) return;
    for (std::size_t i = 1; i < part.size(); ++i) {
      if (sort_of(part[i]) != sort_of(part[i - 1])) ++changes_;
    }
  }

  std::size_t letters_ = 0;
  std::size_t changes_ = 0;
};

// The run of letters [begin, end) as a secret; nullopt when it is none.
std::optional<SecretRun> secret_run(std::string_view text, std::size_t begin, std::size_t end) {
  if (const auto anchor = first_anchor(text, begin, end)) {
    std::size_t last = end_over_lines(text, *anchor, end);
    if (last == end && text.substr(*anchor).starts_with("eyJ")) last = end_over_dots(text, end);
    if (last - *anchor >= least_letters) {
      const bool is_inside = Mixture{text.substr(begin, *anchor - begin)}.is_random(least_before);
      return SecretRun{is_inside ? begin : *anchor, last, true};
    }
  }
  if (end - begin < least_letters ||
      !Mixture{text.substr(begin, end - begin)}.is_random(least_mixed)) {
    return std::nullopt;
  }
  return SecretRun{begin, behind_padding(text, end), false};
}

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

// White space, as it is and as escapes spell it.
bool is_space_at(std::string_view text, std::size_t at, std::size_t& size) {
  size = 1;
  if (text[at] == '\n' || is_blank(text[at])) return true;
  size = 2;
  return text[at] == '\\' && at + 1 < text.size() &&
         std::string_view{"nrt\n"}.find(text[at + 1]) != std::string_view::npos;
}

// How far lines of base64 go on, for a block that is never closed.
std::size_t end_of_base64_lines(std::string_view text, std::size_t begin) {
  constexpr std::size_t least_line = 24;
  std::size_t end = begin;
  for (std::size_t at = begin; at < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    while (at < line_end && is_blank(text[at])) ++at;
    const std::size_t letters_end = behind_padding(text, behind_letters(text, at));
    std::size_t rest = letters_end;
    while (rest < line_end && is_blank(text[rest])) ++rest;
    const bool is_body = rest == line_end && (letters_end - at >= least_line || at == line_end);
    if (!is_body && at != begin) break;
    if (letters_end > at) end = letters_end;
    at = line_end + 1;
  }
  return end;
}

SecretRun without_space_around(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t size = 0;
  while (begin < end && is_space_at(text.substr(0, end), begin, size)) begin += size;
  while (end > begin) {
    const bool escaped =
        end - begin >= 2 && is_space_at(text.substr(0, end), end - 2, size) && size == 2;
    if (escaped) {
      end -= 2;
    } else if (text[end - 1] == '\n' || is_blank(text[end - 1])) {
      --end;
    } else {
      break;
    }
  }
  return {begin, end, true};
}

}  // namespace

std::vector<SecretRun> secret_runs(std::string_view text) {
  std::vector<SecretRun> runs;
  for (std::size_t at = 0; at < text.size();) {
    if (letter_at(text, at).size == 0) {
      ++at;
      continue;
    }
    const std::size_t end = behind_letters(text, at);
    const std::optional<SecretRun> run = secret_run(text, at, end);
    if (run) runs.push_back(*run);
    at = run ? std::max(run->end, end) : end;
  }
  return runs;
}

bool is_mixed(std::string_view letters) {
  return std::ranges::any_of(letters, is_digit) && Mixture{letters}.is_random(least_mixed);
}

std::vector<SecretRun> pem_bodies(std::string_view text) {
  std::vector<SecretRun> bodies;
  std::size_t next_end = 0;
  for (std::size_t at = text.find(begin_mark); at != text.npos;) {
    const std::size_t label_end = text.find(dashes, at + begin_mark.size());
    if (label_end == text.npos) break;
    const std::size_t begin = label_end + dashes.size();
    const std::size_t next_begin = text.find(begin_mark, begin);
    if (next_end < begin) next_end = text.find(end_mark, begin);
    const bool is_closed = next_end != text.npos && next_end < next_begin;
    const std::size_t end =
        is_closed ? next_end : end_of_base64_lines(text.substr(0, next_begin), begin);
    const SecretRun body = without_space_around(text, begin, end);
    if (body.begin < body.end) bodies.push_back(body);
    at = next_begin;
  }
  return bodies;
}

Secret joined_run(std::string_view run) {
  Secret joined{run.size()};
  std::size_t size = 0;
  for (std::size_t at = 0; at < run.size(); ++at) {
    const bool breaks =
        run[at] == '\n' || is_blank(run[at]) ||
        (run[at] == '\\' && at + 1 < run.size() && (run[at + 1] == '\n' || run[at + 1] == '\r'));
    if (!breaks) joined.writable()[size++] = run[at];
  }
  joined.shrink(size);
  return joined;
}

}  // namespace cfwarden
