#include "cfwarden/spots/base64_run.h"

#include "corpus.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

const std::string plain =
    "several lines of text, in which one word is looked for: NEEDLE, and some more text behind it";

TEST_CASE("the run around a letter is decoded from its beginning, over the lines it is broken on") {
  const std::string letters = base64_of(plain);
  const std::string broken = corpus::folded(letters, 40);
  const std::string texts[] = {
      letters,
      "data: " + letters + " next",
      "data:\n  " + broken + "\nnext: x",
      "data:\r\n  " + corpus::replaced(broken, {{'\n', "\r\n   "}}) + "\r\n",
      "\"" + corpus::replaced(broken, {{'\n', "\\n"}}) + "\\n\"",
      corpus::replaced(broken, {{'\n', " \\\n"}}),
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    Base64Run run{text};
    const std::size_t at = text.find(letters.substr(80, 8));
    const auto bytes = run.decode(at, 0);
    REQUIRE(bytes);
    const std::size_t needle = bytes->reveal().find("NEEDLE");
    REQUIRE(needle != std::string_view::npos);
    CHECK(bytes->reveal().find("several lines") != std::string_view::npos);
    const std::size_t place = plain.find("NEEDLE");
    const std::size_t letter = place / 3 * 4 + place % 3;
    CHECK(text.substr(run.source_of(needle), 2) == letters.substr(letter, 2));
  }
}

TEST_CASE("a letter's place in its group says how a run is divided that other text is glued to") {
  for (const std::string glued : {"", "x", "xy", "xyz", "wxyz"}) {
    CAPTURE(glued);
    const std::string text = glued + base64_of(plain);
    Base64Run run{text};
    const std::size_t at = text.find(base64_of(plain).substr(40, 8));
    const auto bytes = run.decode(at + 2, 2);
    REQUIRE(bytes);
    CHECK(bytes->reveal().find("NEEDLE") != std::string_view::npos);
  }
}

TEST_CASE("a run is decoded once for each division") {
  const std::string text = base64_of(plain);
  Base64Run run{text};
  CHECK(run.decode(8, 0));
  CHECK_FALSE(run.decode(12, 0));
  CHECK_FALSE(run.decode(13, 1));
  CHECK(run.decode(13, 0));
  CHECK_FALSE(run.decode(33, 0));
}

TEST_CASE("what is too short for a credential is not decoded") {
  Base64Run run{"aGVsbG8gd29ybGQ="};
  CHECK_FALSE(run.decode(0, 0));
}

}  // namespace
}  // namespace cfwarden
