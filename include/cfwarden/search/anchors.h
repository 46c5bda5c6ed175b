// Every literal that announces a credential, wherever and however it is wrapped.
//
// Supplies  all_anchors(): what a sweep builds its search from, one row a literal; literals_of().
// Promises  Each stands in any text that holds what it announces; what follows an anchor need not
//           be a credential: that is for `kinds` to say.
//
// An anchor is found in text that is wrapped several times, too. Take off the layer that it names
// and search what comes out again: the next layer announces itself.
//
// To add an anchor: add its row in src/search/anchors.cc.
#pragma once

#include "cfwarden/search/window_filter.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

enum class Announced {
  token,              // Base64 of an object with keys a, t and s: the anchor is its beginning.
  certificate,        // The PEM of an account certificate.
  certificate_body,   // Its base64, which the anchor begins, without the lines of PEM.
  credentials,        // The object of a credentials file: the anchor is one of its keys.
  split_credentials,  // A tunnel's secret, or what stands beside one, under keys of its own.
};

// What the text around the anchor is written in.
enum class Layer {
  plain,    // As it is; in JSON or a shell with escapes, perhaps.
  utf16,    // Every second byte is zero, in either byte order: the letters are two bytes apart.
  percent,  // As in a URL.
  base64,   // Take the run of base64 letters around the anchor.
};

struct Anchor {
  std::string literal;
  LetterCase letter_case = LetterCase::exact;
  Announced announced = Announced::token;
  Layer layer = Layer::plain;
  // Base64: where in its group of four the literal's first letter stands. Whoever decodes the run
  // around it begins at the first letter of a group.
  std::uint8_t group_position = 0;
};

std::vector<Anchor> all_anchors();

// What to search for, in the same order: the bytes stay the anchors'.
std::vector<Literal> literals_of(std::span<const Anchor> anchors);

}  // namespace cfwarden
