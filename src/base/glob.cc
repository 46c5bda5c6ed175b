#include "cfwarden/base/glob.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cfwarden {
namespace {

enum class Wildcard { none, one, many, any };  // A literal byte, ?, *, **.

struct Piece {
  Wildcard wildcard = Wildcard::none;
  char literal = '\0';
};

std::vector<Piece> pieces_of(std::string_view pattern) {
  std::vector<Piece> pieces;
  for (const char byte : pattern) {
    const bool starred = !pieces.empty() && (pieces.back().wildcard == Wildcard::many ||
                                             pieces.back().wildcard == Wildcard::any);
    if (byte == '*' && starred) {
      pieces.back().wildcard = Wildcard::any;
    } else if (byte == '*') {
      pieces.push_back({.wildcard = Wildcard::many});
    } else {
      pieces.push_back({.wildcard = byte == '?' ? Wildcard::one : Wildcard::none, .literal = byte});
    }
  }
  return pieces;
}

// Where a match stands after some text: every number of pieces that can have been used up.
// Stepping all of them at once keeps hostile text from making the matcher backtrack.
using Positions = std::vector<char>;  // 1 where one stands. Not of bits, which are slow to tell.

void skip_stars(const std::vector<Piece>& pieces, Positions& at) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Wildcard wildcard = pieces[i].wildcard;
    const bool may_be_empty = wildcard == Wildcard::many || wildcard == Wildcard::any;
    if (at[i] != 0 && may_be_empty) at[i + 1] = 1;
  }
}

bool takes(const Piece& piece, char byte) {
  switch (piece.wildcard) {
    case Wildcard::none:
      return piece.literal == byte;
    case Wildcard::one:
    case Wildcard::many:
      return byte != '/';
    case Wildcard::any:
      return true;
  }
  return false;
}

void step(const std::vector<Piece>& pieces, const Positions& at, char byte, Positions& next) {
  std::ranges::fill(next, '\0');
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (at[i] == 0 || !takes(pieces[i], byte)) continue;
    const Wildcard wildcard = pieces[i].wildcard;
    next[wildcard == Wildcard::many || wildcard == Wildcard::any ? i : i + 1] = 1;
  }
  skip_stars(pieces, next);
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  // Most patterns fail in what stands before their first wildcard.
  const std::size_t literal = std::min(pattern.find_first_of("*?"), pattern.size());
  if (text.substr(0, literal) != pattern.substr(0, literal)) return false;
  if (literal == pattern.size()) return text.size() == literal;
  // And most others in what stands behind their last one.
  const std::string_view ending = pattern.substr(pattern.find_last_of("*?") + 1);
  if (text.size() < literal + ending.size() || !text.ends_with(ending)) return false;

  const std::vector<Piece> pieces = pieces_of(pattern.substr(literal));
  Positions at(pieces.size() + 1);
  Positions next(at.size());
  at[0] = 1;
  skip_stars(pieces, at);
  for (const char byte : text.substr(literal)) {
    step(pieces, at, byte, next);
    at.swap(next);
    if (std::ranges::find(at, 1) == at.end()) return false;
  }
  return at.back() != 0;
}

}  // namespace cfwarden
