#include "cfwarden/base/json_scanner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace cfwarden {
namespace {

// What is wrong with a text that should be one value and nothing else.
std::optional<JsonError> error_of(std::string_view text) {
  JsonScanner scanner{text};
  JsonValue value;
  if (scanner.scan_value(0, value)) {
    scanner.skip_space();
    if (!scanner.at_end()) scanner.fail();
  }
  return scanner.error();
}

std::string nested(std::size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += '1';
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST_CASE("a value is known by its type, its place and its bytes") {
  struct Case {
    std::string_view text;
    JsonType type;
    std::string_view literal;
    std::string_view raw;
  };
  constexpr Case cases[] = {
      {" null ", JsonType::null, "null", ""},
      {" true,", JsonType::boolean, "true", ""},
      {" false]", JsonType::boolean, "false", ""},
      {" -0.5E+2}", JsonType::number, "-0.5E+2", ""},
      {" \"a\\u0062\\\"\" x", JsonType::string, "\"a\\u0062\\\"\"", "a\\u0062\\\""},
      {" [1, [\"]\"], {}],", JsonType::array, "[1, [\"]\"], {}]", ""},
      {" {\"a\" : {\"}\":[]} } ", JsonType::object, "{\"a\" : {\"}\":[]} }", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    JsonScanner scanner{c.text};
    JsonValue value;
    REQUIRE(scanner.scan_value(0, value));
    CHECK(value.type == c.type);
    CHECK(value.offset == 1);
    CHECK(value.literal == c.literal);
    CHECK(value.raw == c.raw);
  }
}

TEST_CASE("a container can be walked with its punctuation, and a comma promises an element") {
  JsonScanner scanner{R"( { "a" : 1 , "b":[2 ,3] } )"};
  std::string_view key;
  JsonValue value;
  CHECK(scanner.take('{'));
  CHECK(scanner.scan_string(key));
  CHECK(key == "a");
  CHECK(scanner.take(':'));
  CHECK(scanner.scan_value(1, value));
  CHECK(value.literal == "1");
  CHECK(scanner.take_comma('}'));
  CHECK(scanner.scan_string(key));
  CHECK(key == "b");
  CHECK(scanner.take(':'));
  CHECK(scanner.scan_value(1, value));
  CHECK(value.literal == "[2 ,3]");
  CHECK_FALSE(scanner.take_comma('}'));
  scanner.skip_space();
  CHECK(scanner.at_end());
  CHECK_FALSE(scanner.error());
}

TEST_CASE("an element without a comma behind it, or the wrong bracket, is a mistake at its place") {
  for (const std::string_view text : {"1 2", "1]", "1"}) {
    CAPTURE(text);
    JsonScanner scanner{text};
    JsonValue value;
    REQUIRE(scanner.scan_value(1, value));
    CHECK_FALSE(scanner.take_comma('}'));
    REQUIRE(scanner.error());
    CHECK(scanner.error()->flaw == (text == "1" ? JsonFlaw::ends_early : JsonFlaw::syntax));
    CHECK(scanner.error()->offset == std::min<std::size_t>(text.size(), text == "1 2" ? 2 : 1));
  }
}

TEST_CASE("what is not JSON is refused where it stops being it, at any depth") {
  struct Case {
    std::string_view text;
    JsonFlaw flaw;
    std::size_t offset;
  };
  constexpr Case cases[] = {
      {"", JsonFlaw::ends_early, 0},       {"\"a", JsonFlaw::ends_early, 2},
      {"\"\\", JsonFlaw::ends_early, 2},   {"\"\\u00", JsonFlaw::ends_early, 5},
      {"{\"x\"", JsonFlaw::ends_early, 4}, {"[1", JsonFlaw::ends_early, 2},
      {"[1,", JsonFlaw::ends_early, 3},    {"tru", JsonFlaw::ends_early, 3},
      {"1.", JsonFlaw::ends_early, 2},     {"-", JsonFlaw::ends_early, 1},
      {"1e+", JsonFlaw::ends_early, 3},    {"\xef\xbb\xbf", JsonFlaw::syntax, 0},
      {"x", JsonFlaw::syntax, 0},          {"1 1", JsonFlaw::syntax, 2},
      {"[1,]", JsonFlaw::syntax, 3},       {"[,1]", JsonFlaw::syntax, 1},
      {"[1 2]", JsonFlaw::syntax, 3},      {"[1}", JsonFlaw::syntax, 2},
      {"{1:1}", JsonFlaw::syntax, 1},      {"{\"x\":1,}", JsonFlaw::syntax, 7},
      {"{\"x\" 1}", JsonFlaw::syntax, 5},  {"{\"x\":}", JsonFlaw::syntax, 5},
      {"01", JsonFlaw::syntax, 1},         {"+1", JsonFlaw::syntax, 0},
      {".5", JsonFlaw::syntax, 0},         {"1.x", JsonFlaw::syntax, 2},
      {"1ex", JsonFlaw::syntax, 2},        {"nulL", JsonFlaw::syntax, 3},
      {"\"\\q\"", JsonFlaw::syntax, 2},    {"\"\\u12g4\"", JsonFlaw::syntax, 5},
      {"\"a\nb\"", JsonFlaw::syntax, 2},   {"// c\n1", JsonFlaw::syntax, 0},
  };
  const std::string shell = R"({"k":[{"k":)";
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto alone = error_of(c.text);
    REQUIRE(alone);
    CHECK(alone->flaw == c.flaw);
    CHECK(alone->offset == c.offset);
    const auto deeper = error_of(shell + std::string{c.text});
    REQUIRE(deeper);
    CHECK(deeper->flaw == c.flaw);
    CHECK(deeper->offset == shell.size() + c.offset);
  }
  CHECK(error_of({"1\0", 2})->offset == 1);
}

TEST_CASE("10,000 open containers are read, one more is not, however they are mixed") {
  struct Brackets {
    std::string open;
    std::string close;
  };
  for (const Brackets& b : {Brackets{"[", "]"}, Brackets{"{\"x\":", "}"}}) {
    CAPTURE(b.open);
    CHECK_FALSE(error_of(nested(10'000, b.open, b.close)));
    const auto error = error_of(nested(10'001, b.open, b.close));
    REQUIRE(error);
    CHECK(error->flaw == JsonFlaw::too_deep);
    CHECK(error->offset == 10'000 * b.open.size());
  }
  CHECK_FALSE(error_of(nested(5'000, "[{\"x\":", "}]")));
  CHECK(error_of(nested(5'001, "[{\"x\":", "}]"))->flaw == JsonFlaw::too_deep);
}

TEST_CASE("containers around the value count") {
  const std::string text = nested(3, "[", "]");
  JsonValue value;
  CHECK(JsonScanner{text}.scan_value(max_json_depth - 3, value));
  CHECK_FALSE(JsonScanner{text}.scan_value(max_json_depth - 2, value));
}

}  // namespace
}  // namespace cfwarden
