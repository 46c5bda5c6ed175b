// Base64 as it is written in files: with its letters escaped, and broken over lines.
//
// Supplies  LetterCursor, from letter to letter over all that breaks a run; end_of_object().
// Promises  no more of the text is looked at than is said, and max_glue_bytes between two letters.
//
// To add an escape of a letter, or what else may stand between two pieces, add its row in
// src/spots/letters.cc.
#pragma once

#include "cfwarden/base/base64.h"
#include "cfwarden/base/secret.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace cfwarden {

inline constexpr std::size_t max_object_bytes = 64 * 1024;
inline constexpr std::size_t max_glue_bytes = 1024;

struct Letter {
  char value = 0;
  std::size_t size = 0;  // Bytes of the text; 0: no letter stands here.
};

// A letter or a padding byte, or an escape of one: \/, %3D, \u002b, &#61; and so on.
Letter letter_at(std::string_view text, std::size_t at);

// How a line begins in a comment, a quotation or a patch: "# ", "> ", "+". "" when the line that
// `at` stands on has nothing but blanks before it.
std::string_view line_mark_before(std::string_view text, std::size_t at);

// What may stand between two pieces of a run, besides line breaks, quotes and what joins them.
struct Joints {
  std::string_view line_mark;       // At the start of each further line.
  Blanks blanks = Blanks::refused;  // In place of a line break, as where a text was pasted.
};

// Behind all of that; `at` when nothing of it stands there.
std::size_t behind_glue(std::string_view text, std::size_t at, const Joints& joints);

class LetterCursor {
 public:
  LetterCursor(std::string_view text, std::size_t at, const Joints& joints,
               std::size_t most_bytes = max_object_bytes)
      : text_{text}, start_{at}, end_{at}, joints_{joints}, most_bytes_{most_bytes} {}

  // The next letter, padding not among them; behind line breaks where they lead to one. Without one
  // nothing is taken.
  std::optional<char> next();
  // The '=' that stands right here.
  bool take_padding();

  std::size_t begin() const { return begin_; }   // Of the letter last taken.
  std::size_t end() const { return end_; }       // Behind what was last taken.
  bool is_broken() const { return is_broken_; }  // Line breaks and the like were passed.

 private:
  std::string_view text_;
  std::size_t start_;
  std::size_t begin_ = 0;
  std::size_t end_;
  Joints joints_;
  std::size_t most_bytes_;
  bool is_broken_ = false;
};

// The base64 of a JSON object, from its first letter up to the one that closes it.
struct ObjectLetters {
  std::size_t end = 0;    // Behind the letters and the padding, in the text.
  std::size_t count = 0;  // Of the letters and the padding.
  std::size_t padding = 0;
  bool is_broken = false;
};

std::optional<ObjectLetters> object_letters(std::string_view text, std::size_t begin);

// Those letters in one piece, as whoever joins the lines would have them.
Secret joined_letters(std::string_view text, std::size_t begin, const ObjectLetters& letters);

}  // namespace cfwarden
