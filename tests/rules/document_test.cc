#include "cfwarden/rules/document.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("a document keeps the order of its keys and the line of every value") {
  const Result<Node> document =
      parse_document("f", "{\n\"b\": 1,\n\"a\": [\n  true,\n  null,\n  \"x\"\n], \"c\": -2.5\n}");
  REQUIRE(document);
  CHECK(document->keys == std::vector<std::string>{"b", "a", "c"});
  CHECK(document->find("b")->number == 1);
  CHECK(document->find("b")->line == 2);
  CHECK(document->find("c")->number == -2.5);
  CHECK(document->find("missing") == nullptr);
  const Node& list = *document->find("a");
  REQUIRE(list.items.size() == 3);
  CHECK(list.line == 3);
  CHECK(list.items[0].boolean);
  CHECK(list.items[0].line == 4);
  CHECK(list.items[1].type == NodeType::null);
  CHECK(list.items[2].text == "x");
  CHECK(list.items[2].line == 6);
}

TEST_CASE("a key is only once in an object, and may be again in another") {
  CHECK(parse_document("f", R"([{"a": 1}, {"a": 2}])"));
  const Result<Node> twice = parse_document("f", "{\"a\": {\"b\": 1,\n\"b\": 2}}");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().what == "f:2: key 'b': given twice");
}

TEST_CASE("a document is eight levels deep at most") {
  CHECK(parse_document("f", "[[[[[[[[1]]]]]]]]"));
  CHECK_FALSE(parse_document("f", "[[[[[[[[[1]]]]]]]]]"));
  CHECK_FALSE(parse_document("f", R"({"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}})"));
}

TEST_CASE("reading can stop at a key of the outermost object, and at no other") {
  const std::string text = R"({"a": {"stop": 1}, "b": 2, "stop": !!!)";
  const Result<Node> document = parse_document("f", text, "stop");
  REQUIRE(document);
  CHECK(document->keys == std::vector<std::string>{"a", "b"});
  CHECK(document->find("a")->find("stop")->number == 1);
  CHECK_FALSE(parse_document("f", text));
}
