#include "cfwarden/needs/tree.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

TEST_CASE("the same document reads alike as JSON and as YAML") {
  const Tree json = tree_of(R"({"a": {"b": ["x", 1, true, null]}, "c": "", "d": {}, "e": []})");
  const Tree yaml = tree_of("a:\n  b: [x, 1, true, ~]\nc: \"\"\nd: {}\ne: []\n");
  for (const Tree* tree : {&json, &yaml}) {
    CHECK(tree->problem.empty());
    const Branch root = tree->root();
    CHECK(root.at({"a", "b"}).texts() == std::vector<std::string>{"x", "1", "true"});
    CHECK(root.at({"a", "b"}).children().size() == 4);
    CHECK(root.at({"a", "b"}).children()[3].is(BranchType::null));
    CHECK(root["c"].is(BranchType::text));
    CHECK(root["d"].is(BranchType::mapping));
    CHECK(root["d"].children().empty());
    CHECK(root["e"].is(BranchType::sequence));
    CHECK_FALSE(root["f"].is_set());
    CHECK(root.at({"c", "x", "y"}).is(BranchType::absent));
  }
}

TEST_CASE("of several equal keys the last one counts") {
  CHECK(tree_of_json(R"({"a": 1, "b": 2, "a": 3})").root()["a"].text() == "3");
  CHECK(tree_of_yaml("a: 1\nb: 2\na: 3\n").root()["a"].text() == "3");
}

TEST_CASE("values know their lines, save in a document of one line") {
  const Tree json = tree_of_json("{\n \"a\": 1,\n\n \"b\": [\n  \"x\"]}\n");
  CHECK(json.root()["a"].line() == 2);
  CHECK(json.root()["b"].children()[0].line() == 5);
  CHECK(tree_of_json("{\"a\": 1}\n").root()["a"].line() == 0);
  CHECK(tree_of_yaml("a: 1\nb:\n- x\n").root()["b"].children()[0].line() == 3);
}

TEST_CASE("each document of a YAML stream is a tree of its own") {
  const Tree tree = tree_of_yaml("---\na: 1\n---\n---\nb: 2\n");
  REQUIRE(tree.documents().size() == 3);
  CHECK(tree.documents()[0]["a"].text() == "1");
  CHECK(tree.documents()[2]["b"].text() == "2");
}

TEST_CASE("an alias and a key that is no text are seen and not followed") {
  const Tree tree = tree_of_yaml("x: &x {a: 1}\ny: *x\n[k]: {a: 2}\n? *x\n: b\nz: 3\n");
  CHECK(tree.problem.empty());
  CHECK(tree.root()["y"].is(BranchType::alias));
  CHECK(tree.root()["a"].is(BranchType::absent));
  CHECK(tree.root()["z"].text() == "3");
}

TEST_CASE("escapes in JSON are undone in keys and values") {
  const Tree tree = tree_of_json(R"({"\u0061\/": "\u00e9\n\ud800"})");
  CHECK(tree.root()["a/"].text() == "\xC3\xA9\n\xEF\xBF\xBD");
}

TEST_CASE("what is not JSON is a problem, and what came before it stands") {
  for (const char* text : {R"({"a": 1,)", R"({"a": 1} x)", R"({"a": 1]})", R"({"a": 1, b})"}) {
    CAPTURE(text);
    const Tree tree = tree_of_json(text);
    CHECK(tree.problem == "not valid JSON");
    CHECK(tree.root()["a"].text() == "1");
  }
  for (const char* text : {"", " ", "{", "[", "\xEF\xBB\xBF{}", "{\"a\"", "nul", "}"}) {
    CAPTURE(text);
    CHECK(tree_of_json(text).problem == "not valid JSON");
  }
}

TEST_CASE("a document nested too deeply costs nothing and hides nothing behind it") {
  const std::string deep = std::string(9'000, '[') + std::string(9'000, ']');
  const Tree tree = tree_of_json("{\"a\": " + deep + ", \"b\": 2}");
  CHECK(tree.problem.empty());
  CHECK(tree.root()["b"].text() == "2");
  CHECK_FALSE(tree_of_json(std::string(1'000'000, '[')).problem.empty());
  CHECK_FALSE(tree_of_json(std::string(1'000'000, '{')).problem.empty());
  CHECK(tree_of_yaml(std::string(200'000, '[')).problem == "line 1: nested deeper than 64");
}

TEST_CASE("a document of too many values ends at the limit") {
  std::string many = "[0";
  for (int i = 0; i < 60'000; ++i) many += ",0";
  const Tree tree = tree_of_json(many + "]");
  CHECK(tree.problem == "more than 50000 values");
  CHECK(tree.root().children().size() > 49'000);
  CHECK(tree_of_json("\"" + std::string(max_tree_bytes, 'x') + "\"").problem ==
        "larger than 1 MiB");
}
