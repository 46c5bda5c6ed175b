#include "cfwarden/spots/letters.h"

#include "corpus.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace cfwarden {
namespace {

const std::string object = R"({"a":"an object of JSON, somewhat longer than a line"})";
const std::string letters = base64_of(object);

// The letters of the object at the first `e` of the text; "" when there is none.
std::string joined(const std::string& text) {
  const std::size_t begin = text.find("eyJ");
  const auto found = object_letters(text, begin);
  return found ? std::string{joined_letters(text, begin, *found).reveal()} : "";
}

TEST_CASE("a run is joined over whatever breaks it in a file") {
  const std::string first = letters.substr(0, 30);
  const std::string second = letters.substr(30);
  for (const std::string between :
       {"",        "\n",         "\r\n",       " \\\n    ", "\\\r\n",        "^\r\n",
        "`\r\n",   "\n# ",       "\n> ",       "\n  * ",    "=\n",           "=\r\n",
        "\" + \"", "\"\n    \"", "\" +\n\t\"", "' . '",     "\" & _\r\n \"", "\\n",
        "\\r\\n",  "\\\\n",      "&#10;",      "%0A",       "%0D%0A",        " ",
        "\n\n"}) {
    CAPTURE(between);
    CHECK(joined("--token \"" + first + between + second + "\" next") == letters);
  }
}

TEST_CASE("escapes of letters are undone, and those of padding") {
  const std::string plain = base64_of(R"({"a":"??>>~~??>>"})");
  REQUIRE(plain.find_first_of("+/") != std::string::npos);
  const std::string padded = base64_of(R"({"a":"x"})") + base64_of("x");
  const auto escaped = [](const std::string& text, const std::string& slash,
                          const std::string& plus) {
    return corpus::replaced(text, {{'/', slash}, {'+', plus}});
  };
  CHECK(joined(escaped(plain, "\\/", "\\u002b")) == plain);
  CHECK(joined(escaped(plain, "%2F", "%2b")) == plain);
  CHECK(joined(escaped(plain, "%252f", "%252B")) == plain);
  CHECK(joined(escaped(plain, "&#x2F;", "&#43;")) == plain);
  for (const std::string padding : {"==", "%3D%3D", "%3d=", "\\u003d\\u003D", "&#61;&#x3d;"}) {
    CAPTURE(padding);
    CHECK(joined(base64_of(R"({"a":"xy"})").substr(0, 14) + padding) == base64_of(R"({"a":"xy"})"));
  }
}

TEST_CASE("text glued to an object is left out, and its padding is not that of the object") {
  const std::string bare = base64_of(R"({"a":"xy"})").substr(0, 14);
  CHECK(joined("token" + bare + "next") == bare + "==");
  CHECK(joined(bare) == bare);
  CHECK(joined(bare + " next") == bare);
  CHECK(joined(bare + "=") == bare + "=");
}

TEST_CASE("what is cut short, or is no object, is none") {
  CHECK(joined(letters.substr(0, 50)) == "");
  CHECK(joined(letters.substr(0, 50) + "...") == "");
  CHECK(joined(base64_of(R"({"a")") + letters) == "");
  CHECK(joined(letters.substr(0, 30) + "," + letters.substr(30)) == "");
  CHECK(joined(letters.substr(0, 30) + "\n\"" + letters.substr(30)) == "");
  CHECK(joined(letters.substr(0, 30) + std::string(max_glue_bytes + 1, '\n') +
               letters.substr(30)) == "");
}

TEST_CASE("an object is followed so far and no further") {
  const auto long_token = [](std::size_t bytes) {
    return base64_of("{\"a\":\"" + std::string(bytes, 'x') + "\"}");
  };
  CHECK(joined(long_token(max_object_bytes / 2)) != "");
  CHECK(joined(long_token(max_object_bytes)) == "");
}

TEST_CASE("the mark of a line is what comments, quotes and patches put before it") {
  const auto mark = [](const std::string& text) {
    return std::string{line_mark_before(text, text.size())};
  };
  CHECK(mark("") == "");
  CHECK(mark("x\n") == "");
  CHECK(mark("x\n    ") == "");
  CHECK(mark("x\n# ") == "#");
  CHECK(mark("  // ") == "//");
  CHECK(mark("x\n+") == "+");
  CHECK(mark("x\n> > ") == "> >");
  CHECK(mark("key: ") == "");
}

}  // namespace
}  // namespace cfwarden
