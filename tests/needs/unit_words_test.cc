#include "cfwarden/needs/unit_words.h"

#include <doctest/doctest.h>

using namespace cfwarden;
using List = std::vector<std::string>;

TEST_CASE("words are split at white space, and quotes hold them together") {
  CHECK(words_of("  a\tb  'c d' \"e f\" ", {}) == List{"a", "b", "c d", "e f"});
  CHECK(words_of("a'b c'd ab\"c\" \"\" ''", {}) == List{"ab cd", "abc", "", ""});
  CHECK(words_of("", {}).empty());
  CHECK(words_of(" \n ", {}).empty());
}

TEST_CASE("C escapes are undone where the setting has them") {
  const WordSyntax c{.escapes = Escapes::c};
  CHECK(words_of(R"(\x41\102\u00e9\U0001F512 a\sb\tc "x\"y" 'it\'s')", c) ==
        List{"AB\xc3\xa9\xf0\x9f\x94\x92", "a b\tc", "x\"y", "it's"});
}

TEST_CASE("an escape that is none makes the word invalid, and the words before it stay") {
  const WordSyntax c{.escapes = Escapes::c};
  for (const char* bad : {R"(ok \q)", R"(ok \x4)", R"(ok \x00)", R"(ok \400)", R"(ok \U0000d800)",
                          R"(ok \U00110000)", "ok \\", "ok \"open", "ok 'open"}) {
    CAPTURE(bad);
    CHECK(words_of(bad, c) == List{"ok"});
  }
}

TEST_CASE("a relaxed reading keeps unknown escapes as they stand") {
  const WordSyntax relaxed{.escapes = Escapes::c_relaxed};
  CHECK(words_of(R"(\qx \x41 a\)", relaxed) == List{R"(\qx)", "A", R"(a\)"});
  CHECK(words_of("'open", relaxed).empty());
}

TEST_CASE("plain escapes take the next byte, and a relaxed end closes what is open") {
  CHECK(words_of(R"(a\ b \x41)", {}) == List{"a b", "x41"});
  CHECK(words_of("\"a b", {.is_relaxed = true}) == List{"a b"});
  CHECK(words_of("a\\", {.is_relaxed = true}) == List{"a"});
}

TEST_CASE("words may be empty where every separator counts") {
  CHECK(words_of("a::b:", {.separators = ":", .keeps_empty = true}) == List{"a", "", "b"});
}
