#include "cfwarden/base/der.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cfwarden {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("elements are read one after the other, and each one's content is read by a new reader") {
  DerReader outer{"\x30\x06\x02\x01\x05\x04\x01x\x05\x00"sv};
  DerReader inner{outer.take(DerTag::sequence)};
  CHECK(inner.take(DerTag::integer) == "\x05");
  CHECK_FALSE(inner.at_end());
  CHECK(inner.rest() == "\x04\x01x");
  CHECK(inner.take(DerTag::octet_string) == "x");
  CHECK(inner.at_end());
  CHECK(inner.sound());
  const DerElement last = outer.take_any();
  CHECK(static_cast<int>(last.tag) == 5);
  CHECK(last.content.empty());
  CHECK(outer.at_end());
  CHECK(outer.sound());
}

TEST_CASE("an optional element is taken where it stands, and not missed where it does not") {
  DerReader reader{"\xa0\x01x\x81\x01y\x02\x01\x05"sv};
  CHECK(reader.take_optional(explicit_tag(0)) == "x");
  CHECK_FALSE(reader.take_optional(explicit_tag(0)));
  CHECK(reader.take_optional(implicit_tag(1)) == "y");
  CHECK(reader.peeks(DerTag::integer));
  CHECK_FALSE(reader.take_optional(DerTag::boolean));
  CHECK(reader.take(DerTag::integer) == "\x05");
  CHECK_FALSE(reader.take_optional(DerTag::boolean));
  CHECK(reader.sound());
}

TEST_CASE("a reader that failed stays failed and is at its end") {
  DerReader reader{"\x02\x01\x05\x02\x01\x06"sv};
  CHECK(reader.take(DerTag::octet_string).empty());
  CHECK_FALSE(reader.sound());
  CHECK(reader.at_end());
  CHECK(reader.take(DerTag::integer).empty());
  CHECK_FALSE(reader.take_optional(DerTag::integer));
  CHECK(reader.take_any().content.empty());
  CHECK_FALSE(reader.sound());

  DerReader nothing{""};
  CHECK(nothing.sound());
  (void)nothing.take_any();
  CHECK_FALSE(nothing.sound());
}

TEST_CASE("a length has the fewest bytes that hold it") {
  for (const std::size_t size : {0UL, 1UL, 127UL, 128UL, 255UL, 256UL, 65'535UL, 65'536UL}) {
    CAPTURE(size);
    const std::string content(size, 'x');
    const auto low = [size](unsigned shift) { return static_cast<char>(size >> shift & 0xff); };
    const std::vector<std::string> lengths{{low(0)},
                                           {'\x81', low(0)},
                                           {'\x82', low(8), low(0)},
                                           {'\x83', low(16), low(8), low(0)},
                                           {'\x84', 0, low(16), low(8), low(0)},
                                           {'\x85', 0, 0, low(16), low(8), low(0)}};
    const std::size_t fewest = size < 128 ? 0 : size < 256 ? 1 : size < 65'536 ? 2 : 3;
    for (std::size_t bytes = fewest; bytes < lengths.size(); ++bytes) {
      CAPTURE(bytes);
      const std::string der = "\x04" + lengths[bytes] + content;
      DerReader reader{der};
      CHECK((reader.take(DerTag::octet_string) == content && reader.sound()) == (bytes == fewest));
    }
  }
}

TEST_CASE("what is cut short, indefinite or of a long tag is refused without a look beyond it") {
  for (const std::string& der :
       {"\x04"s, "\x04\x01"s, "\x04\x05"s + "1234", "\x04\x81"s, "\x04\x82\x01"s,
        "\x04\x84\xff\xff\xff\xff"s, "\x04\x80\x00\x00"s, "\x30\x80\x02\x01\x05\x00\x00"s,
        "\x1f\x01\x00"s, "\x7f\x81\x01\x00"s, "\x04\xff"s + std::string(200, 'x')}) {
    CAPTURE(der);
    const std::string exact = der;  // A heap block of its own: sanitizers see a byte beyond it.
    DerReader reader{exact};
    CHECK(reader.take_any().content.empty());
    CHECK_FALSE(reader.sound());
  }
}

TEST_CASE("an integer has the fewest bytes, and its value is what they say") {
  struct Case {
    std::string_view content;
    std::optional<std::int64_t> value;
  };
  const Case cases[] = {
      {"\x00"sv, 0},
      {"\x01", 1},
      {"\x7f", 127},
      {"\x00\x80"sv, 128},
      {"\x80", -128},
      {"\xff", -1},
      {"\xff\x7f", -129},
      {"\x01\x00"sv, 256},
      {"\x7f\xff\xff\xff\xff\xff\xff\xff", INT64_MAX},
      {"\x80\x00\x00\x00\x00\x00\x00\x00"sv, INT64_MIN},
      {"", std::nullopt},
      {"\x00\x00"sv, std::nullopt},
      {"\x00\x7f"sv, std::nullopt},
      {"\xff\xff", std::nullopt},
      {"\xff\x80", std::nullopt},
  };
  for (const Case& c : cases) {
    CAPTURE(c.content);
    CHECK(is_der_integer(c.content) == c.value.has_value());
    CHECK(der_integer(c.content) == c.value);
  }
  const std::string_view large = "\x00\xff\xff\xff\xff\xff\xff\xff\xff"sv;
  CHECK(is_der_integer(large));
  CHECK_FALSE(der_integer(large));
}

TEST_CASE("an object identifier is whole arcs below 2^31 without leading zeros") {
  for (const std::string_view content :
       {"\x2a"sv, "\x2b\x65\x70"sv, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv, "\x00"sv,
        "\x2a\x87\xff\xff\xff\x7f"sv}) {
    CAPTURE(content);
    CHECK(is_der_object_id(content));
  }
  for (const std::string_view content :
       {""sv, "\x80\x01"sv, "\x2a\x80\x01"sv, "\x2a\x86"sv, "\x2a\x88\x80\x80\x80\x00"sv,
        "\x2a\x81\x80\x80\x80\x80\x00"sv, "\xff\xff\xff\xff\xff\xff\xff"sv}) {
    CAPTURE(content);
    CHECK_FALSE(is_der_object_id(content));
  }
}

TEST_CASE(
    "a bit string says how many bits of its last byte are not part of it, and they are zero") {
  for (const std::string_view content : {"\x00"sv, "\x00\xff"sv, "\x07\x80"sv, "\x04\xab\xf0"sv}) {
    CAPTURE(content);
    CHECK(is_der_bit_string(content));
  }
  for (const std::string_view content :
       {""sv, "\x01"sv, "\x08\x00"sv, "\xff\x00"sv, "\x01\x01"sv, "\x07\xc0"sv, "\x04\xf0\xab"sv}) {
    CAPTURE(content);
    CHECK_FALSE(is_der_bit_string(content));
  }
}

}  // namespace
}  // namespace cfwarden
