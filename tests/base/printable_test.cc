#include "cfwarden/base/printable.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cfwarden::Charset;
using cfwarden::columns_of;
using cfwarden::is_valid_utf8;
using cfwarden::printable;

namespace {
using namespace std::string_literals;

struct Case {
  std::string bytes;
  std::string shown;
};
}  // namespace

TEST_CASE("ordinary text is shown as it is") {
  for (const std::string text : {"", "/home/alice/.cloudflared/cert.pem", "a b~!\"'$(x)`-rf",
                                 "M\u00fcller", "\u65e5\u672c", "\U0001F511", "\u200d\u00a0"}) {
    CAPTURE(text);
    CHECK(printable(text) == text);
  }
}

TEST_CASE("control characters are escaped, so that no name moves the cursor or forges a line") {
  for (const Case& row : {
           Case{"a\nb", "a\\nb"},
           Case{"\t\r", "\\t\\r"},
           Case{"\0"s, "\\x00"},
           Case{"\x1b[2J", "\\x1b[2J"},
           Case{"\x1b]8;;http://x\x07", "\\x1b]8;;http://x\\x07"},
           Case{"\x7f", "\\x7f"},
           Case{"\u0080\u009b\u009f", "\\u{80}\\u{9b}\\u{9f}"},
       }) {
    CAPTURE(row.shown);
    CHECK(printable(row.bytes) == row.shown);
  }
}

TEST_CASE("bidirectional controls, line separators and byte order marks are escaped") {
  for (const Case& row : {
           Case{"\u061c", "\\u{61c}"},
           Case{"\u200e\u200f", "\\u{200e}\\u{200f}"},
           Case{"\u2028\u2029\u202a\u202e", "\\u{2028}\\u{2029}\\u{202a}\\u{202e}"},
           Case{"\u2066\u2069", "\\u{2066}\\u{2069}"},
           Case{"\ufeff", "\\u{feff}"},
           Case{"\u200d\u2027\u202f\u2065\u206a", "\u200d\u2027\u202f\u2065\u206a"},
       }) {
    CAPTURE(row.shown);
    CHECK(printable(row.bytes) == row.shown);
  }
}

TEST_CASE("every byte that is not valid UTF-8 is escaped, and what follows is kept") {
  for (const Case& row : {
           Case{"\x80z", "\\x80z"},
           Case{"\xff\xfe", "\\xff\\xfe"},
           Case{"\xc0\xaf", "\\xc0\\xaf"},
           Case{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
           Case{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
           Case{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
           Case{"\xf5z", "\\xf5z"},
           Case{"\xc3", "\\xc3"},
           Case{"\xe2\x82", "\\xe2\\x82"},
           Case{"\xe2\x82\xc3\xa9", "\\xe2\\x82\u00e9"},
           Case{"\xf0\x9f\x94", "\\xf0\\x9f\\x94"},
       }) {
    CAPTURE(row.shown);
    CHECK(printable(row.bytes) == row.shown);
    CHECK_FALSE(is_valid_utf8(row.bytes));
  }
}

TEST_CASE("a backslash is doubled, so that a name cannot spell an escape") {
  CHECK(printable("\\n") == "\\\\n");
  CHECK(printable("\\x1b") == "\\\\x1b");
  CHECK(printable("\\u{202e}") != printable("\u202e"));
}

TEST_CASE("in ASCII everything beyond it is escaped") {
  CHECK(printable("M\u00fc\U0001F511", Charset::ascii) == "M\\u{fc}\\u{1f511}");
  CHECK(printable("plain \xff", Charset::ascii) == "plain \\xff");
}

TEST_CASE("no pair of bytes leaves a control byte or invalid UTF-8 behind") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
      const std::string shown = printable(bytes);
      CAPTURE(shown);
      REQUIRE(is_valid_utf8(shown));
      REQUIRE(shown.find_first_of("\n\r\t\x1b\x7f") == shown.npos);
    }
  }
}

TEST_CASE("columns count wide characters twice and combining ones not at all") {
  struct Width {
    std::string_view text;
    std::size_t columns;
  };
  for (const Width& row : {
           Width{"", 0},
           Width{"cert.pem", 8},
           Width{"M\u00fcller", 6},
           Width{"Mu\u0308ller", 6},
           Width{"\u65e5\u672c", 4},
           Width{"\ud55c", 2},
           Width{"\U0001F511", 2},
           Width{"\u2026", 1},
           Width{"\\x1b", 4},
       }) {
    CAPTURE(row.text);
    CHECK(columns_of(row.text) == row.columns);
  }
}
