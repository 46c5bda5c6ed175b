#include "cfwarden/base/json_text.h"

#include <doctest/doctest.h>

namespace cfwarden {
namespace {

TEST_CASE("escapes become what they stand for") {
  CHECK(unquoted_text("").empty());
  CHECK(unquoted_text("plain \xc3\xa9") == "plain \xc3\xa9");
  CHECK(unquoted_text(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(unquoted_text(R"(\u0041\u00e9\u20AC)") == "A\xc3\xa9\xe2\x82\xac");
  CHECK(unquoted_text(R"(a\u0000b)") == std::string_view("a\0b", 3));
  CHECK(unquoted_text(R"(\\u0041)") == "\\u0041");
}

TEST_CASE("a pair of surrogates is one character, and any other surrogate is U+FFFD") {
  struct Case {
    std::string_view raw;
    std::string_view text;
  };
  constexpr Case cases[] = {
      {R"(\ud83d\ude00)", "\xf0\x9f\x98\x80"},
      {R"(\uD83D\uDE00)", "\xf0\x9f\x98\x80"},
      {R"(\ud800)", "\xef\xbf\xbd"},
      {R"(\ud800x)", "\xef\xbf\xbdx"},
      {R"(\ude00x)", "\xef\xbf\xbdx"},
      {R"(\ude00\ud83d)", "\xef\xbf\xbd\xef\xbf\xbd"},
      {R"(\ud800\ud83d\ude00)", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
      {R"(\ud800\n)", "\xef\xbf\xbd\n"},
      {R"(\ud800\u0041)", "\xef\xbf\xbd\x41"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.raw);
    CHECK(unquoted_text(c.raw) == c.text);
    CHECK(unquoted_secret(c.raw).reveal() == c.text);
  }
}

TEST_CASE("each byte that is no UTF-8 becomes U+FFFD, which is all that a text can grow by") {
  CHECK(unquoted_text("\xff\xfe") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(unquoted_text("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(unquoted_text("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");
  const std::string worst(1'000, '\xff');
  CHECK(unquoted_text(worst).size() == unquoted_growth * worst.size());
  CHECK(unquoted_secret(worst).size() == unquoted_growth * worst.size());
}

}  // namespace
}  // namespace cfwarden
