// Values of unit files taken apart into words. Pure.
//
// Source    systemd.syntax(7) of systemd 252, tried against its own parser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class Escapes {
  c,          // \x41, \n, \s ...; an unknown one makes the word invalid.
  c_relaxed,  // An unknown one stays as it is, and so does a backslash at the end.
  plain,      // A backslash takes the next byte as it is.
  retain,     // Backslashes are ordinary.
};

struct WordSyntax {
  Escapes escapes = Escapes::plain;
  // The end of the text closes a quote; a backslash there is left out.
  bool is_relaxed = false;
  std::string_view separators = " \t\n\r";
  bool keeps_empty = false;  // Every separator ends a word, so that words may be empty.
};

struct TakenWord {
  enum class State { word, end, invalid } state = State::end;
  std::string text;
};

// The first word of `rest`, which is left behind it; after an invalid one `rest` means nothing.
TakenWord take_word(std::string_view& rest, const WordSyntax& syntax);

// Up to the first invalid one.
std::vector<std::string> words_of(std::string_view text, const WordSyntax& syntax);

}  // namespace cfwarden
