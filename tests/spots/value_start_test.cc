#include "cfwarden/spots/value_start.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace cfwarden {
namespace {

// "= value" where it is written, "~ value" where it only stands beside the key, "" where there is
// none. The key is `key`; the value is shown up to the end of its word.
std::string value_of(std::string_view text) {
  const std::size_t key = text.find("key");
  const auto place = value_place(text, key, key + 3);
  if (!place) return "";
  const std::string_view rest = text.substr(place->begin);
  const std::string_view word =
      rest.substr(0, rest.find_first_of(std::string_view{" ,;)}<\n\0", 8}));
  return (place->bond == Bond::written ? "= " : "~ ") + std::string{word};
}

TEST_CASE("a value is found in whatever syntax it is written") {
  for (const std::string_view text : {"key=x",
                                      "key = x",
                                      "key := x",
                                      "key ?= x",
                                      "key ::= x",
                                      "key => x",
                                      "key: x",
                                      "key: |\n  x",
                                      "key: >-\n  x",
                                      "key: !!str x",
                                      "key: &anchor x",
                                      "key: &anchor !!str x",
                                      "key: str = x",
                                      "key: &'static str = x",
                                      "key: string | undefined = x",
                                      "key string = x",
                                      "key: {\"sensitive\": true, \"value\": x}",
                                      "\"key\" { default = x }",
                                      "name: key\n  value: x",
                                      "${key:-x}",
                                      "<key>x</key>",
                                      "<k>key</k><string>x</string>"}) {
    CAPTURE(text);
    CHECK(value_of(text) == "= x");
  }
  CHECK(value_of("\"key\": \"x\"") == "= \"x\"");
  CHECK(value_of("<add k=\"key\" value=\"x\" />") == "= \"x\"");
  CHECK(value_of("option key 'x'") == "= 'x'");
  CHECK(value_of("key: []byte(\"x\")") == "= \"x\"");
  CHECK(value_of("key = sensitive(\"x\")") == "= \"x\"");
}

TEST_CASE("what only stands beside a key says so") {
  for (const std::string_view text : {"--key x", "ENV key x", "key || x", "key ?? x"}) {
    CAPTURE(text);
    CHECK(value_of(text) == "~ x");
  }
  CHECK(value_of(std::string_view{"--key\0x\0", 8}) == "~ x");
  CHECK(value_of("get(\"key\", \"x\")") == "~ \"x\"");
}

TEST_CASE("a key without a value has none") {
  for (const std::string_view text :
       {"key", "key == x", "key.name", "(key)", "key\n", "\"key\" { }", "key,\nother", "</key>x"}) {
    CAPTURE(text);
    CHECK(value_of(text) == "");
  }
  // The next parameter of a query is no anchor of YAML.
  CHECK(value_of("key=&other=1 x") == "= &other=1");
  // What is computed is no literal.
  CHECK(value_of("key = f(x)") == "= f(x");
}

}  // namespace
}  // namespace cfwarden
