#include "cfwarden/base/base64.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

struct Case {
  std::string_view text;
  std::string_view bytes;
};

struct BadCase {
  std::string_view text;
  std::size_t bad_byte;
};

TEST_CASE("line breaks are ignored anywhere, and trailing bits may be set") {
  constexpr Case cases[] = {
      {"", ""},
      {"\r\n", ""},
      {"aGk=", "hi"},
      {"aGl=", "hi"},
      {"aG\nk=", "hi"},
      {"aGk\r\n=", "hi"},
      {"aA=\n=", "h"},
      {"aA==\r\n", "h"},
      {"aGkh", "hi!"},
      {"+/+/", "\xfb\xff\xbf"},
      {"a\rG\nk\rh\n", "hi!"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto bytes = decode_base64(c.text);
    REQUIRE(bytes);
    CHECK(bytes->reveal() == c.bytes);
  }
}

TEST_CASE("anything else is refused at the byte that Go names") {
  constexpr BadCase cases[] = {
      {"aGk", 0},  {"aGkhaGk", 4},  {"a", 0},        {"=", 0},       {"a===", 1}, {"aA=", 3},
      {"aA=a", 2}, {"aGk=x", 4},    {"aGk==", 4},    {"aGk=\n=", 5}, {"aG k", 2}, {"aGk=\t", 4},
      {"-_-_", 0}, {"aGkh\xff", 4}, {"aA=\n\na", 4}, {"aG\nk", 1},
  };
  for (const BadCase& c : cases) {
    CAPTURE(c.text);
    CHECK_FALSE(decode_base64(c.text));
    CHECK(measure_base64(c.text).bad_byte == c.bad_byte);
  }
}

TEST_CASE("blanks are skipped only where PEM skips them, and do not count in offsets") {
  CHECK_FALSE(decode_base64("aG k="));
  const auto bytes = decode_base64(" aG\tk = ", Blanks::skipped);
  REQUIRE(bytes);
  CHECK(bytes->reveal() == "hi");
  CHECK(measure_base64("a G k ! =", Blanks::skipped).bad_byte == 3U);
}

TEST_CASE("a text may be decoded in place") {
  std::string text = "aGVsbG8gd29ybGQ=";
  const Base64Outcome outcome = decode_base64(text, text);
  CHECK_FALSE(outcome.bad_byte);
  CHECK(text.substr(0, outcome.size) == "hello world");
}

TEST_CASE("a damaged text is read without padding, in either alphabet, with white space") {
  constexpr Case cases[] = {
      {"aGk", "hi"},   {"aA", "h"}, {"-_+/", "\xfb\xff\xbf"}, {" a G\tk = = = ", "hi"},
      {"aGk\v", "hi"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto bytes = decode_damaged_base64(c.text);
    REQUIRE(bytes);
    CHECK(bytes->reveal() == c.bytes);
  }
}

TEST_CASE("what has lost letters, or has others between them, is not damaged base64") {
  for (const std::string_view text :
       {"", "=", "  ", "a", "aGkha", "a.Gk", "aGk=aGk=", "aGk\"", "{}"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_damaged_base64(text));
  }
}

}  // namespace

TEST_CASE("base64 is padded as RFC 4648 has it") {
  const std::pair<std::string, std::string> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"foobar", "Zm9vYmFy"},
                                                       {"\xff\xfe\xfd", "//79"}};
  for (const auto& [bytes, text] : cases) CHECK(base64_of(bytes) == text);
}

}  // namespace cfwarden
