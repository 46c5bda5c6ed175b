#include "cfwarden/base/plain_byte.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace cfwarden {
namespace {

std::string plain(std::string_view text) {
  std::string undone;
  while (!text.empty()) {
    const PlainByte next = unescaped_byte(text);
    if (next.byte) undone += *next.byte;
    text.remove_prefix(next.size);
  }
  return undone;
}

TEST_CASE("escapes that most languages share are undone") {
  CHECK(plain(R"(a\tb\nc\rd)") == "a\tb\nc\rd");
  CHECK(plain(R"(\"\'\\\/)") == R"("'\/)");
  CHECK(plain(R"(\u003d\u002B)") == "=+");
  CHECK(plain("one \\\nline") == "one line");
}

TEST_CASE("what is no escape stands for itself") {
  for (const std::string_view text :
       {R"(\x41)", R"(\u00e9)", R"(\u0000)", R"(\u00)", R"(\u00zz)", R"(\)", "a"}) {
    CAPTURE(text);
    CHECK(plain(text) == text);
  }
}

}  // namespace
}  // namespace cfwarden
