#include "cfwarden/base/go_json.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace cfwarden {
namespace {

constexpr std::string_view uuid_text = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

struct Document {
  std::string name;
  Secret key;
  GoBytes bytes;
  Uuid id;
  LooseValue any;
  std::array<JsonField, 5> fields{{{.name = "name", .into = &name},
                                   {.name = "key", .into = &key},
                                   {.name = "bytes", .into = &bytes},
                                   {.name = "id", .into = &id},
                                   {.name = "any", .into = &any}}};
  std::optional<JsonError> error;

  explicit Document(std::string_view json) { error = unmarshal(json, fields); }
  Document(const Document&) = delete;
};

std::string nested(std::size_t depth, char open, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

TEST_CASE("a document fills the fields it names and ignores the rest") {
  const Document document{
      R"( {"name":"alice","key":"hush","x":{"name":[1,{}]},"bytes":"AQID","id":")" +
      std::string{uuid_text} + "\"}\n"};
  CHECK_FALSE(document.error);
  CHECK(document.name == "alice");
  CHECK(document.key.reveal() == "hush");
  CHECK(document.bytes.reveal() == "\1\2\3");
  CHECK(canonical(document.id) == uuid_text);
  CHECK(document.any.type == JsonType::absent);
  CHECK_FALSE(document.fields[4].seen);
}

TEST_CASE("valid JSON is accepted, whatever unknown keys hold") {
  for (const std::string_view json :
       {"null", " null ", "{}", "{ }", "{\"x\":1e999}", "{\"x\":-0.5E+2}", "{\"x\":[ ]}",
        "{\"x\":[true,false,null,0,\"\\u00e9\"]}", "{\"\":{\"\":{}}}", "\t\r\n{}\t"}) {
    CAPTURE(json);
    CHECK_FALSE(Document{json}.error);
  }
}

TEST_CASE("what is not JSON is refused where it stops being it") {
  struct Case {
    std::string_view json;
    JsonFlaw flaw;
    std::size_t offset;
  };
  constexpr Case cases[] = {
      {"", JsonFlaw::ends_early, 0},
      {"  ", JsonFlaw::ends_early, 2},
      {"{", JsonFlaw::ends_early, 1},
      {"{\"x\":\"a", JsonFlaw::ends_early, 7},
      {"{\"x\":1", JsonFlaw::ends_early, 6},
      {"tru", JsonFlaw::ends_early, 3},
      {"\xef\xbb\xbf{}", JsonFlaw::syntax, 0},
      {"{}x", JsonFlaw::syntax, 2},
      {"{}{}", JsonFlaw::syntax, 2},
      {"{\"x\":1,}", JsonFlaw::syntax, 7},
      {"{,}", JsonFlaw::syntax, 1},
      {"[1,]", JsonFlaw::syntax, 3},
      {"[1 2]", JsonFlaw::syntax, 3},
      {"{\"x\" 1}", JsonFlaw::syntax, 5},
      {"{'x':1}", JsonFlaw::syntax, 1},
      {"{x:1}", JsonFlaw::syntax, 1},
      {"{\"x\":01}", JsonFlaw::syntax, 6},
      {"{\"x\":+1}", JsonFlaw::syntax, 5},
      {"{\"x\":.5}", JsonFlaw::syntax, 5},
      {"{\"x\":1.}", JsonFlaw::syntax, 7},
      {"{\"x\":1e}", JsonFlaw::syntax, 7},
      {"{\"x\":-}", JsonFlaw::syntax, 6},
      {"{\"x\":NaN}", JsonFlaw::syntax, 5},
      {"{\"x\":True}", JsonFlaw::syntax, 5},
      {"{\"x\":nulL}", JsonFlaw::syntax, 8},
      {"{\"x\":\"\\q\"}", JsonFlaw::syntax, 7},
      {"{\"x\":\"\\u12g4\"}", JsonFlaw::syntax, 10},
      {"{\"x\":\"a\nb\"}", JsonFlaw::syntax, 7},
      {"{\"x\":[}]}", JsonFlaw::syntax, 6},
      {"{\"x\":[1}}", JsonFlaw::syntax, 7},
      {"// c\n{}", JsonFlaw::syntax, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    const Document document{c.json};
    REQUIRE(document.error);
    CHECK(document.error->flaw == c.flaw);
    CHECK(document.error->offset == c.offset);
  }
  CHECK(Document{std::string_view{"{}\0", 3}}.error->offset == 2);
}

TEST_CASE("10,000 levels are read and one more is not, at any mixture of brackets") {
  CHECK_FALSE(Document{"{\"x\":" + nested(9'999, '[', ']') + "}"}.error);
  const Document deep{"{\"x\":" + nested(10'000, '[', ']') + "}"};
  REQUIRE(deep.error);
  CHECK(deep.error->flaw == JsonFlaw::too_deep);
  CHECK(Document{"{\"bytes\":" + nested(10'000, '[', ']') + "}"}.error->flaw == JsonFlaw::too_deep);
  CHECK(Document{nested(10'000, '[', ']')}.error->flaw == JsonFlaw::wrong_type);
  CHECK(Document{nested(10'001, '[', ']')}.error->flaw == JsonFlaw::too_deep);
}

// A reader that is not linear, or that needs a stack for them, does not get through.
TEST_CASE("a million brackets are one too many at the depth that ends them") {
  CHECK(Document{std::string(1'000'000, '[')}.error->flaw == JsonFlaw::too_deep);
  CHECK(Document{"{\"x\":" + std::string(1'000'000, '[')}.error->flaw == JsonFlaw::too_deep);
}

TEST_CASE("the last of several spellings of a key wins, and null leaves text as it was") {
  CHECK(Document{R"({"name":"a","NAME":"b"})"}.name == "b");
  CHECK(Document{R"({"NAME":"b","name":"a"})"}.name == "a");
  CHECK(Document{R"({"name":"a","name":null})"}.name == "a");
  CHECK(Document{R"({"n\u0061me":"a"})"}.name == "a");
  CHECK(Document{"{\"\xe2\x84\xaa"
                 "ey\":\"a\"}"}
            .key.reveal() == "a");
  CHECK(Document{R"({"\u212aey":"a"})"}.key.reveal() == "a");
  CHECK(Document{R"({"byte\u017f":"AQ=="})"}.bytes.reveal() == "\1");
}

TEST_CASE("a value of the wrong type refuses the document, even when a later one is right") {
  for (const std::string_view json :
       {"[]", "\"x\"", "1", "true", R"({"name":5})", R"({"name":{}})", R"({"name":[]})",
        R"({"name":5,"name":"a"})", R"({"key":true})", R"({"id":5})", R"({"id":[1]})",
        R"({"id":{}})", R"({"bytes":5})", R"({"bytes":{}})", R"({"bytes":false})",
        R"({"bytes":5,"bytes":"AQ=="})"}) {
    CAPTURE(json);
    const Document document{json};
    REQUIRE(document.error);
    CHECK(document.error->flaw == JsonFlaw::wrong_type);
  }
}

TEST_CASE("a syntax error behind a wrong type is what is reported") {
  CHECK(Document{R"({"name":5,})"}.error->flaw == JsonFlaw::syntax);
}

TEST_CASE("text is unquoted, wherever it goes") {
  const Document document{
      R"({"name":"\ud83d\ude00","key":"\ud800","any":"\n","bytes":"\u0041Q=="})"};
  CHECK(document.name == "\xf0\x9f\x98\x80");
  CHECK(document.key.reveal() == "\xef\xbf\xbd");
  CHECK(document.any.text.reveal() == "\n");
  CHECK(document.bytes.reveal() == "\1");
  CHECK(Document{"{\"name\":\"\xff\xfe\"}"}.name == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("bytes are base64 text, or an array of numbers from 0 to 255") {
  CHECK(Document{R"({"bytes":"AQ\nID"})"}.bytes.reveal() == "\1\2\3");
  CHECK(Document{R"({"bytes":"\/\/\/\/"})"}.bytes.reveal() == "\xff\xff\xff");
  CHECK(Document{R"({"bytes":[1, 2 ,255]})"}.bytes.reveal() == "\1\2\xff");
  CHECK(Document{R"({"bytes":[]})"}.bytes.size() == 0);
  CHECK(Document{R"({"bytes":"AQID","bytes":null})"}.bytes.size() == 0);
  CHECK(Document{R"({"bytes":"A"})"}.error->flaw == JsonFlaw::bad_base64);
  CHECK(Document{R"({"bytes":"A","bytes":"AQID"})"}.error->flaw == JsonFlaw::bad_base64);
  for (const std::string_view element :
       {"256", "-1", "-0", "1.0", "1e0", "\"x\"", "true", "[1]", "{}", "99999999999999999999"}) {
    CAPTURE(element);
    const Document document{"{\"bytes\":[1," + std::string{element} + "]}"};
    REQUIRE(document.error);
    CHECK(document.error->flaw == JsonFlaw::wrong_type);
  }
}

TEST_CASE("null in an array keeps the byte that an earlier value left there, as Go's slices do") {
  CHECK(Document{R"({"bytes":[1,null,3]})"}.bytes.reveal() == std::string_view("\1\0\3", 3));
  CHECK(Document{R"({"bytes":[1,2,3],"bytes":[null,9]})"}.bytes.reveal() == "\1\x09");
  CHECK(Document{R"({"bytes":"AQID","bytes":[null]})"}.bytes.reveal() == "\1");
  CHECK(Document{R"({"bytes":[1,2,3],"bytes":[9],"bytes":[null,null,null]})"}.bytes.reveal() ==
        "\x09\2\3");
  CHECK(Document{R"({"bytes":[1,2],"bytes":[],"bytes":[null,null]})"}.bytes.reveal() ==
        std::string_view("\0\0", 2));
  CHECK(Document{R"({"bytes":[1,2],"bytes":null,"bytes":[null]})"}.bytes.reveal() ==
        std::string_view("\0", 1));
}

TEST_CASE("a UUID that does not parse refuses the document, and null leaves it nil") {
  CHECK(Document{R"({"id":""})"}.error->flaw == JsonFlaw::bad_uuid);
  const Document null{R"({"id":null})"};
  CHECK_FALSE(null.error);
  CHECK(null.id.is_nil());
  CHECK(null.fields[3].seen);
}

TEST_CASE("a loose field takes any type and says which") {
  struct Case {
    std::string_view value;
    JsonType type;
    std::string_view text;
  };
  constexpr Case cases[] = {
      {"null", JsonType::null, ""},          {"true", JsonType::boolean, ""},
      {"1.5e3", JsonType::number, "1.5e3"},  {"\"a\\u0062\"", JsonType::string, "ab"},
      {"[ \"a\", 1]", JsonType::array, "a"}, {"[1,\"a\"]", JsonType::array, ""},
      {"[]", JsonType::array, ""},           {"{\"a\":1}", JsonType::object, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.value);
    const Document document{"{\"any\":" + std::string{c.value} + "}"};
    CHECK_FALSE(document.error);
    CHECK(document.any.type == c.type);
    CHECK(document.any.text.reveal() == c.text);
  }
}

TEST_CASE("what was read before an error is there for whoever repairs the document") {
  const Document document{R"({"name":"a","key":"hush","bytes":"AQID",})"};
  CHECK(document.error);
  CHECK(document.name == "a");
  CHECK(document.key.reveal() == "hush");
  CHECK(document.bytes.reveal() == "\1\2\3");
}

TEST_CASE("a key longer than any name is not ours, however it is written") {
  CHECK_FALSE(Document{"{\"" + std::string(10'000, 'n') + "\":5}"}.error);
  CHECK(Document{R"({"\u006e\u0061\u006d\u0065":"a"})"}.name == "a");
}

}  // namespace
}  // namespace cfwarden
