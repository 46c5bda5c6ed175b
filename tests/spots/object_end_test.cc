#include "cfwarden/spots/object_end.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace cfwarden {
namespace {

// "closed at N", "broken at N" or "open".
std::string outcome(std::string_view text) {
  ObjectEnd object;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto state = object.take(text[at]);
    if (state == ObjectEnd::State::closed) return "closed at " + std::to_string(at);
    if (state == ObjectEnd::State::broken) return "broken at " + std::to_string(at);
  }
  return "open";
}

TEST_CASE("an object ends at its own brace, whatever stands in its texts") {
  CHECK(outcome("{}") == "closed at 1");
  CHECK(outcome(R"({"a":"}"})") == "closed at 8");
  CHECK(outcome(R"({"a":"\"}"})") == "closed at 10");
  CHECK(outcome(R"({"a":[1,-2.5e+7,null,{"b":{}}] , "c":true}x)") == "closed at 41");
  CHECK(outcome("{\n\t\"a\" : \"\\u00e9\" }\n") == "closed at 18");
  CHECK(outcome(R"({"a":1,})") == "closed at 7");
}

TEST_CASE("what is cut short is open") {
  for (const std::string_view text : {"{", "{\"a", "{\"a\":\"x", "{\"a\":{\"b\":1}", "{\"a\":1"}) {
    CAPTURE(text);
    CHECK(outcome(text) == "open");
  }
}

TEST_CASE("what is no JSON breaks where it stops to be") {
  CHECK(outcome("[") == "broken at 0");
  CHECK(outcome("{a") == "broken at 1");
  CHECK(outcome("{\"a\"=") == "broken at 4");
  CHECK(outcome("{\"a\":\"x\ny") == "broken at 7");
  CHECK(outcome(R"({"a":"\x)") == "broken at 7");
  CHECK(outcome(R"({"a":"\u00g)") == "broken at 10");
  CHECK(outcome(R"({"a":1]})") == "broken at 6");
  CHECK(outcome(R"({"a":[1}})") == "broken at 7");
  CHECK(outcome(R"({"a":"x"{"a")") == "broken at 8");
}

TEST_CASE("objects in objects are followed so deep and no deeper") {
  const auto nested = [](unsigned depth) {
    std::string text;
    for (unsigned i = 0; i < depth; ++i) text += "{\"a\":";
    return text + "1" + std::string(depth, '}');
  };
  CHECK(outcome(nested(ObjectEnd::most_open_objects)).starts_with("closed"));
  CHECK(outcome(nested(ObjectEnd::most_open_objects + 1)).starts_with("broken"));
}

}  // namespace
}  // namespace cfwarden
