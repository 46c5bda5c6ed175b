#include "corpus.h"

#include "cfwarden/spots/spots.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace cfwarden {
namespace {

using corpus::Ends;
using corpus::Expected;
using corpus::NearMiss;
using corpus::Shape;

const SpotFinder& finder() {
  static const SpotFinder one;
  return one;
}

std::string scope_of(const Scope& scope) {
  std::string words;
  const auto add = [&words](const std::string& word) {
    words += (words.empty() ? "" : ",") + word;
  };
  if (scope.account == corpus::account) add("account");
  if (scope.zone == corpus::zone) add("zone");
  if (scope.tunnel == corpus::tunnel) add("tunnel");
  if (scope.tunnel == corpus::second_tunnel) add("tunnel2");
  return words.empty() ? "-" : words;
}

std::string wrappings_of(const Spot& spot) {
  std::string words;
  for (const std::string_view word : spot.wrappings) {
    if (!words.empty()) words += ' ';
    words += word;
  }
  return words.empty() ? "-" : words;
}

enum class Told { with_wrappings, without_wrappings };

std::string told(const Expected& expected, std::size_t lines_before, Told as) {
  const std::string line = std::to_string(expected.line + lines_before);
  return expected.kind + " line " + line + " " + expected.scope +
         (as == Told::with_wrappings ? " (" + expected.wrappings + ")" : "");
}

std::string joined(const std::multiset<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "; ";
  return text;
}

std::string expected_of(const Shape& shape, std::size_t lines_before, Told as) {
  std::multiset<std::string> all;
  for (const Expected& expected : shape.expected) all.insert(told(expected, lines_before, as));
  return joined(all);
}

std::string found_in(const std::string& text, Told as) {
  std::multiset<std::string> all;
  const Spots spots = finder().spots_of(text);
  CHECK(spots.is_complete);
  for (const Spot& spot : spots.found) {
    CHECK(spot.offset < text.size());
    const Expected seen{spot.credential.kind, spot.line, scope_of(spot.credential.scope),
                        wrappings_of(spot)};
    all.insert(told(seen, 0, as));
  }
  return joined(all);
}

std::string with_line_ends(const std::string& text, const std::string& end) {
  return corpus::replaced(text, {{'\n', end}});
}

TEST_CASE("the corpus is as large as it has to be") {
  CHECK(corpus::shapes().size() >= 60);
  CHECK(corpus::near_misses().size() >= 60);
}

TEST_CASE("each shape of the corpus is found: its kind, line, scope, and how it is wrapped") {
  for (const Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    CHECK(found_in(shape.text, Told::with_wrappings) ==
          expected_of(shape, 0, Told::with_wrappings));
  }
}

TEST_CASE("each near miss of the corpus is silent") {
  for (const NearMiss& miss : corpus::near_misses()) {
    CAPTURE(miss.file);
    for (const std::string& text :
         {miss.text, base64_of(miss.text), corpus::utf16_file(miss.text, Ends::little)}) {
      CHECK(found_in(text, Told::with_wrappings) == "");
    }
  }
}

TEST_CASE("each shape is found with the line ends of Windows") {
  for (const Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    CHECK(found_in(with_line_ends(shape.text, "\r\n"), Told::without_wrappings) ==
          expected_of(shape, 0, Told::without_wrappings));
  }
}

TEST_CASE("each shape is found in UTF-16 of either byte order, on the same lines") {
  for (const Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    const auto expected = expected_of(shape, 0, Told::without_wrappings);
    const std::string windows = with_line_ends(shape.text, "\r\n");
    CHECK(found_in(corpus::utf16_file(windows, Ends::little), Told::without_wrappings) == expected);
    CHECK(found_in(corpus::utf16_file(shape.text, Ends::big), Told::without_wrappings) == expected);
  }
}

TEST_CASE("each shape is found wherever it stands, and so many lines and bytes further") {
  for (const Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    const Spots alone = finder().spots_of(shape.text);
    for (std::size_t before = 1; before <= 64; before += before < 8 ? 1 : 7) {
      CAPTURE(before);
      // Over the border of two pieces of 64 KiB, at each place in a block of 64 bytes.
      const std::string filler = std::string(64 * 1024 - 3 * before, '#') + "\n";
      const std::string text = filler + shape.text + "\n" + filler;
      const Spots spots = finder().spots_of(text);
      REQUIRE(spots.found.size() == alone.found.size());
      for (std::size_t i = 0; i < spots.found.size(); ++i) {
        CHECK(spots.found[i].offset == alone.found[i].offset + filler.size());
        CHECK(spots.found[i].line == alone.found[i].line + 1);
        CHECK(spots.found[i].credential.fingerprint == alone.found[i].credential.fingerprint);
      }
    }
  }
}

TEST_CASE("each shape is found inside of base64, with its groups divided in each way") {
  for (const Shape& shape : corpus::shapes()) {
    // The names of split credentials are no anchors in base64.
    const bool is_split = std::ranges::any_of(shape.expected, [](const Expected& expected) {
      return expected.kind == "tunnel-secret" || expected.kind == "tunnel-credentials";
    });
    if (shape.expected[0].wrappings != "-") continue;
    if (is_split && shape.file != "credentials.json") continue;
    if (shape.file == "certificate-body.txt") continue;  // Nor is a body without its BEGIN.
    CAPTURE(shape.file);
    const std::size_t found = finder().spots_of(shape.text).found.size();
    for (const std::string before : {"", "x", "xx", "xxx\n"}) {
      CAPTURE(before);
      const std::string text = "data: " + base64_of(before + shape.text + "\n");
      CHECK(finder().spots_of(text).found.size() == found);
    }
  }
}

}  // namespace
}  // namespace cfwarden
